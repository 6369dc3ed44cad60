//! A plane tangent to the WGS 84 ellipsoid, on which all geometry of a judgement is done.
//!
//! Orthographic: a place is projected along the vertical of the plane's origin. Distances come out
//! short by r³/6R² (0.1 m at 30 km, 4 m at 100 km from the origin). No coordinate jumps, neither at
//! the antimeridian nor at a pole.

use nalgebra::Vector3;
use truceline_domain::Position;

/// WGS 84 semi-major axis, metres (NIMA TR8350.2, table 3.1).
const A_M: f64 = 6_378_137.0;
/// WGS 84 first eccentricity squared, f(2 − f) with f = 1/298.257223563 (same source).
const E2: f64 = 0.006_694_379_990_141_316;

/// A point of the plane: metres east and north of its origin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Xy {
    pub(crate) e: f64,
    pub(crate) n: f64,
}

impl Xy {
    pub(crate) const fn new(e: f64, n: f64) -> Self {
        Self { e, n }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self::new(self.e - other.e, self.n - other.n)
    }

    /// `self` moved by `length` along the unit vector `u`.
    pub(crate) fn along(self, u: Self, length: f64) -> Self {
        Self::new(self.e + u.e * length, self.n + u.n * length)
    }

    pub(crate) fn dot(self, other: Self) -> f64 {
        self.e * other.e + self.n * other.n
    }

    pub(crate) fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    pub(crate) fn distance(self, other: Self) -> f64 {
        self.minus(other).length()
    }

    /// Direction of `self` seen from the origin, radians clockwise from north.
    pub(crate) fn bearing_rad(self) -> f64 {
        self.e.atan2(self.n)
    }

    /// The unit vector of a bearing.
    pub(crate) fn of_bearing(rad: f64) -> Self {
        Self::new(rad.sin(), rad.cos())
    }
}

/// √(a² + b²). The numbers here neither overflow nor vanish when squared, so that the care of
/// `f64::hypot` (several times slower) is not needed.
pub(crate) fn root_sum(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

/// An angle brought to −π … π.
pub(crate) fn wrapped(rad: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    // Most differences of two bearings lie within a turn: no division for those.
    match rad {
        _ if (-PI..PI).contains(&rad) => rad,
        _ if (PI..3.0 * PI).contains(&rad) => rad - TAU,
        _ if (-3.0 * PI..-PI).contains(&rad) => rad + TAU,
        _ => (rad + PI).rem_euclid(TAU) - PI,
    }
}

/// The plane.
#[derive(Debug, Clone)]
pub(crate) struct Plane {
    origin: Vector3<f64>,
    east: Vector3<f64>,
    north: Vector3<f64>,
    up: Vector3<f64>,
}

impl Plane {
    /// Tangent at `origin`.
    pub(crate) fn at(origin: Position) -> Self {
        let (sin_lat, cos_lat) = origin.lat_deg().to_radians().sin_cos();
        let (sin_lon, cos_lon) = origin.lon_deg().to_radians().sin_cos();
        Self {
            origin: earth_centred(origin),
            east: Vector3::new(-sin_lon, cos_lon, 0.0),
            north: Vector3::new(-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat),
            up: Vector3::new(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat),
        }
    }

    /// Tangent in the middle of `places`; `None` without any.
    pub(crate) fn amid(places: impl IntoIterator<Item = Position>) -> Option<Self> {
        let (sum, count) = places
            .into_iter()
            .fold((Vector3::zeros(), 0_u32), |(sum, count), p| {
                (sum + earth_centred(p), count + 1)
            });
        (count > 0)
            .then(|| geodetic(sum / f64::from(count)))
            .flatten()
            .map(Self::at)
    }

    pub(crate) fn to_m(&self, place: Position) -> Xy {
        let d = earth_centred(place) - self.origin;
        Xy::new(d.dot(&self.east), d.dot(&self.north))
    }

    /// Back to a position: the point of the ellipsoid below or above. `None` beyond its limb.
    pub(crate) fn to_position(&self, p: Xy) -> Option<Position> {
        let foot = self.origin + self.east * p.e + self.north * p.n;
        // |foot + u·up| = a in coordinates where the ellipsoid is a sphere (z stretched by a/b).
        let stretch = 1.0 / (1.0 - E2).sqrt();
        let f = Vector3::new(foot.x, foot.y, foot.z * stretch);
        let d = Vector3::new(self.up.x, self.up.y, self.up.z * stretch);
        let (a, b, c) = (d.norm_squared(), f.dot(&d), f.norm_squared() - A_M * A_M);
        let root = (b * b - a * c).sqrt();
        let u = -c / (b + root);
        geodetic(foot + self.up * u)
    }
}

fn earth_centred(place: Position) -> Vector3<f64> {
    let (sin_lat, cos_lat) = place.lat_deg().to_radians().sin_cos();
    let (sin_lon, cos_lon) = place.lon_deg().to_radians().sin_cos();
    let prime_vertical_m = A_M / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    Vector3::new(
        prime_vertical_m * cos_lat * cos_lon,
        prime_vertical_m * cos_lat * sin_lon,
        prime_vertical_m * (1.0 - E2) * sin_lat,
    )
}

/// Latitude and longitude of a point on the ellipsoid (near it: of its surroundings).
fn geodetic(p: Vector3<f64>) -> Option<Position> {
    let lat = p.z.atan2((1.0 - E2) * p.x.hypot(p.y)).to_degrees();
    Position::new(lat, p.y.atan2(p.x).to_degrees()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_comes_back(lat in -89.9..89.9f64, lon in -180.0..180.0f64, e in -6e4..6e4f64, n in -6e4..6e4f64) {
            let plane = Plane::at(Position::new(lat, lon).unwrap());
            let p = Xy::new(e, n);
            let back = plane.to_m(plane.to_position(p).unwrap());
            prop_assert!(back.distance(p) < 1e-6, "{back:?}");
        }

        #[test]
        fn a_bearing_is_its_own_inverse(rad in -3.1..3.1f64) {
            prop_assert!((Xy::of_bearing(rad).bearing_rad() - rad).abs() < 1e-12);
            prop_assert!((wrapped(rad + 4.0 * std::f64::consts::PI) - rad).abs() < 1e-12);
        }
    }

    #[test]
    fn a_degree_is_as_long_as_the_ellipsoid_says() {
        // Length of a degree of latitude around 40° N on WGS 84: 111,035 m.
        let plane = Plane::at(Position::new(40.0, 180.0).unwrap());
        let p = plane.to_m(Position::new(40.5, -180.0).unwrap());
        assert!(
            (p.n - 111_035.0 / 2.0).abs() < 5.0 && p.e.abs() < 1e-6,
            "{p:?}"
        );
        let across = plane.to_m(Position::new(40.0, -179.9).unwrap());
        assert!((across.e - 8_539.4).abs() < 1.0, "{across:?}");
    }

    #[test]
    fn the_middle_of_places_around_the_antimeridian_lies_there() {
        let ends = [179.9, -179.9].map(|lon| Position::new(10.0, lon).unwrap());
        let plane = Plane::amid(ends).unwrap();
        assert!(plane.to_m(ends[0]).length() < 12_000.0);
        assert!(Plane::amid([]).is_none());
    }
}
