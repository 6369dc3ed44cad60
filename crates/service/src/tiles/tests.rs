//! Tiles read back by what their bytes say, and their rules.

use geo_types::{Geometry, LineString, Point, Polygon};
use serde_json::Map;
use truceline_store::FeatureRow;

use super::*;

fn row(geometry: Geometry<f64>) -> FeatureRow {
    FeatureRow {
        layer: "events".into(),
        id: "E-1".into(),
        kind: "mortar".into(),
        time: None,
        properties: Map::from_iter([("id".to_owned(), "E-1".into())]),
        geometry,
    }
}

#[test]
fn the_grid_is_the_webs() {
    let whole = Tile::new(0, 0, 0).unwrap();
    let middle = whole.units(Coord { x: 0.0, y: 0.0 });
    assert!((middle.x - 2048.0).abs() < 1e-9 && (middle.y - 2048.0).abs() < 1e-9);
    // By the formula of the OpenStreetMap wiki ("Slippy map tilenames"): 47° E, 40° N is 8/161.42/96.91.
    let tile = Tile::new(8, 161, 96).unwrap();
    let at = tile.units(Coord { x: 47.0, y: 40.0 });
    assert!(
        (0.0..EXTENT).contains(&at.x) && (0.0..EXTENT).contains(&at.y),
        "{at:?}"
    );
    let [west, south, east, north] = tile.bounds_deg();
    assert!(west < 47.0 && 47.0 < east && south < 40.0 && 40.0 < north);
    for none in [(0, 1, 0), (1, 0, 2), (23, 0, 0), (255, 0, 0)] {
        assert_eq!(Tile::new(none.0, none.1, none.2), None, "{none:?}");
    }
    // The poles are not in the square, and no number is lost there.
    assert!(whole.units(Coord { x: 180.0, y: 90.0 }).y.abs() < 1e-6);
}

#[test]
fn a_tile_that_is_too_full_is_thinned_and_says_so() {
    let tile = Tile::new(0, 0, 0).unwrap();
    let at = |n: u32| Located {
        fid: i64::from(n),
        lon_deg: f64::from(n % 360) - 180.0,
        lat_deg: f64::from(n / 360 % 160) - 80.0,
    };
    let few: Vec<_> = (0..MOST as u32).map(at).collect();
    let kept = thin(tile, true, &few);
    assert_eq!(kept.len(), MOST);
    assert!(kept.iter().all(|(_, count)| *count == 1));
    let many: Vec<_> = (0..50_000).map(at).collect();
    let kept = thin(tile, true, &many);
    assert!(kept.len() <= MOST);
    assert_eq!(kept.iter().map(|(_, count)| count).sum::<u64>(), 50_000);
    // The layer's last feature is always there.
    assert!(kept.iter().any(|(fid, _)| *fid == 49_999));
    // A point is in one of four tiles of the next zoom.
    let deeper = (0..2).flat_map(|x| (0..2).map(move |y| Tile::new(1, x, y).unwrap()));
    let all: u64 = deeper
        .flat_map(|tile| thin(tile, true, &many))
        .map(|(_, count)| count)
        .sum();
    assert_eq!(all, 50_000);
}

#[test]
fn lines_end_at_the_buffer_and_join_beyond_it() {
    let at = |x: f64, y: f64| Coord { x, y };
    let pieces = clip::line([at(-500.0, 10.0), at(100.0, 10.0), at(9000.0, 10.0)], 1);
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].first().unwrap().x, -64);
    assert_eq!(pieces[0].last().unwrap().x, 4160);
    // Out and in again: two pieces.
    let path = [
        at(10.0, 10.0),
        at(10.0, -900.0),
        at(900.0, -900.0),
        at(900.0, 10.0),
    ];
    assert_eq!(clip::line(path, 1).len(), 2);
    assert!(clip::line([at(-900.0, 0.0), at(-900.0, 50.0)], 1).is_empty());
    // Smaller than a unit, and there all the same.
    assert_eq!(
        clip::line([at(5.0, 5.0), at(5.1, 5.0)], 1),
        [[at_i(5, 5), at_i(6, 5)]]
    );
}

fn at_i(x: i32, y: i32) -> Coord<i32> {
    Coord { x, y }
}

#[test]
fn areas_around_a_tile_fill_it_and_small_ones_do_not_vanish() {
    let at = |x: f64, y: f64| Coord { x, y };
    let around = [
        at(-1e6, -1e6),
        at(1e6, -1e6),
        at(1e6, 1e6),
        at(-1e6, 1e6),
        at(-1e6, -1e6),
    ];
    let ring = clip::ring(around, 1).unwrap();
    assert_eq!(ring.len(), 4);
    let (low, high) = (-64, 4160);
    for corner in [
        at_i(low, low),
        at_i(high, low),
        at_i(high, high),
        at_i(low, high),
    ] {
        assert!(ring.contains(&corner), "{ring:?}");
    }
    let speck = [at(7.0, 7.0), at(7.1, 7.0), at(7.1, 7.1), at(7.0, 7.0)];
    assert_eq!(clip::ring(speck, 1).unwrap().len(), 4);
    let away = speck.map(|c| at(c.x + 1e5, c.y));
    assert_eq!(clip::ring(away, 1), None);
}

#[test]
fn what_is_written_is_bounded() {
    let tile = Tile::new(3, 5, 3).unwrap();
    let long = LineString::from_iter((0..400_000).map(|n| {
        let turn = f64::from(n) / 7.0;
        (67.0 + 20.0 * turn.sin(), 30.0 + 10.0 * (turn * 1.3).cos())
    }));
    let bytes = encode(tile, "tracks", &[(row(Geometry::LineString(long)), 1)]).unwrap();
    assert!(bytes.len() < 2_000_000, "{}", bytes.len());
    let nothing = row(Geometry::Polygon(Polygon::new(
        LineString::new(Vec::new()),
        Vec::new(),
    )));
    assert!(encode(tile, "theatre", &[(nothing, 1)]).unwrap().is_empty());
    let point = row(Geometry::Point(Point::new(67.0, 30.0)));
    let bytes = encode(tile, "events", &[(point, 3)]).unwrap();
    assert!(bytes.windows(5).any(|w| w == b"count") && bytes.windows(3).any(|w| w == b"E-1"));
}
