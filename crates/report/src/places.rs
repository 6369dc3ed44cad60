//! Where something is, told from the nearest place that has a name.

use geo::{Bearing as _, Distance as _, Geodesic, Point};
use truceline_agreement::Theatre;
use truceline_domain::{Observed, Position};

use crate::model::{Fix, Location, Wind};

/// Farther from any named place, coordinates say more, metres.
const FAR_M: f64 = 60_000.0;

/// Distance and direction from the nearest named place of the theatre as it stood at an instant, or
/// from the nearest post where the theatre names no places; coordinates where neither is near.
#[must_use]
pub fn locate(theatre: &Theatre, place: Position, at: Observed) -> Location {
    let here = point(place);
    let named = theatre
        .places
        .iter()
        .filter(|p| p.valid.holds_at(at))
        .map(|p| (p.name.clone(), p.names.clone(), point(p.position)));
    let posts = theatre
        .posts
        .iter()
        .filter(|p| theatre.places.is_empty() && p.valid.holds_at(at))
        .map(|p| (p.id.to_string(), Default::default(), point(p.position)));
    let nearest = named
        .chain(posts)
        .map(|from| (Geodesic.distance(from.2, here), from))
        .min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.0.cmp(&b.1.0)));
    match nearest {
        Some((m, (place, names, from))) if m <= FAR_M => Location::From {
            place,
            names,
            km: (m / 100.0).round() / 10.0,
            wind: Wind::of(Geodesic.bearing(from, here)),
        },
        _ => Location::At(fix(place)),
    }
}

fn point(place: Position) -> Point<f64> {
    Point::new(place.lon_deg(), place.lat_deg())
}

/// Rounded to five decimals, about a metre: no sensor here is better.
pub(crate) fn fix(place: Position) -> Fix {
    Fix {
        lat_deg: five(place.lat_deg()),
        lon_deg: five(place.lon_deg()),
    }
}

pub(crate) fn five(deg: f64) -> f64 {
    (deg * 1e5).round() / 1e5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn winds_turn_with_the_compass() {
        let wind = |deg: f64| Wind::of(deg).number();
        assert_eq!(
            [0.0, 11.3, 90.0, 180.0, 348.8, 359.9, -45.0].map(wind),
            [0, 1, 4, 8, 0, 0, 14]
        );
    }
}
