//! The theatre's features as rows of the store.

use geo_types::{Geometry, LineString, MultiPolygon, Point};
use truceline_agreement::Theatre;
use truceline_agreement::theatre::AreaKind;
use truceline_agreement::when::Validity;
use truceline_domain::Position;
use truceline_store::TheatreRow;

/// All features, kind by kind, each in the theatre's order.
pub(super) fn rows(theatre: &Theatre) -> Vec<TheatreRow> {
    let mut rows = Vec::new();
    for line in &theatre.lines {
        let geometry = Geometry::LineString(LineString::clone(&line.path));
        rows.push(TheatreRow {
            id: line.id.clone(),
            ..row("contact_line", &line.valid, line.accuracy_m, geometry)
        });
    }
    for held in &theatre.held {
        let geometry = Geometry::MultiPolygon(MultiPolygon::clone(&held.shape));
        rows.push(TheatreRow {
            party: Some(held.party.to_string()),
            ..row("held", &held.valid, held.accuracy_m, geometry)
        });
    }
    for area in &theatre.areas {
        let kind = match area.kind {
            AreaKind::Corridor => "corridor",
            AreaKind::Area => "area",
            AreaKind::Sector => "sector",
        };
        let geometry = Geometry::MultiPolygon(MultiPolygon::clone(&area.shape));
        rows.push(TheatreRow {
            id: Some(area.id.clone()),
            name: Some(area.name.clone()),
            ..row(kind, &area.valid, area.accuracy_m, geometry)
        });
    }
    for sensor in &theatre.sensors {
        let id = Some(sensor.id.to_string());
        rows.push(TheatreRow {
            id,
            ..row(
                "sensor",
                &sensor.valid,
                sensor.accuracy_m,
                point(sensor.position),
            )
        });
    }
    for post in &theatre.posts {
        let id = Some(post.id.to_string());
        rows.push(TheatreRow {
            id,
            ..row("post", &post.valid, post.accuracy_m, point(post.position))
        });
    }
    for site in &theatre.sites {
        let geometry = point(site.position);
        rows.push(TheatreRow {
            id: site.id.clone(),
            name: Some(site.what.clone()),
            ..row("site", &site.valid, site.accuracy_m, geometry)
        });
    }
    rows
}

fn row(kind: &str, valid: &Validity, accuracy_m: f64, geometry: Geometry<f64>) -> TheatreRow {
    TheatreRow {
        kind: kind.to_owned(),
        id: None,
        name: None,
        party: None,
        valid_from: valid.from,
        valid_until: valid.until,
        accuracy_m,
        geometry,
    }
}

fn point(position: Position) -> Geometry<f64> {
    Geometry::Point(Point::new(position.lon_deg(), position.lat_deg()))
}
