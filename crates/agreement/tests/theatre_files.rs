//! The shipped theatre's line and ground.

use truceline_agreement::theatre::Detail;
use truceline_agreement::{File, Theatre};
use truceline_domain::{Observed, Position, TheatreId};

fn shipped() -> Vec<(String, Vec<u8>)> {
    let dir = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../theatres/karabakh-2020/theatre"
    );
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "geojson"))
        .map(|p| {
            let name = p.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(p).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn theatre() -> Theatre {
    let files = shipped();
    let files: Vec<_> = files.iter().map(|(n, b)| File::new(n, b)).collect();
    let id = TheatreId::new("karabakh-2020").unwrap();
    Theatre::parse(&id, &files, Detail::Theatre).unwrap_or_else(|faults| panic!("{faults}"))
}

fn at(text: &str) -> Observed {
    text.parse().unwrap()
}

#[test]
fn each_day_has_its_own_line_and_its_own_ground() {
    let theatre = theatre();
    let aghdam = Position::new(39.99096, 46.92736).unwrap();
    let kelbajar = Position::new(40.1065, 46.0386).unwrap();
    let stepanakert = Position::new(39.8177, 46.7528).unwrap();
    let shusha = Position::new(39.7577, 46.7489).unwrap();
    let held = |day: &str, place| {
        let geometry = theatre.at(at(&format!("{day}T09:00:00Z")));
        geometry.holder(place).map(ToString::to_string)
    };
    for (day, holders) in [
        ("2020-11-09", [None, None, None, None]),
        (
            "2020-11-10",
            [Some("am"), Some("am"), Some("am"), Some("az")],
        ),
        (
            "2020-11-20",
            [Some("az"), Some("am"), Some("am"), Some("az")],
        ),
        (
            "2020-11-25",
            [Some("az"), Some("az"), Some("am"), Some("az")],
        ),
        (
            "2020-12-01",
            [Some("az"), Some("az"), Some("am"), Some("az")],
        ),
        (
            "2021-06-01",
            [Some("az"), Some("az"), Some("am"), Some("az")],
        ),
    ] {
        let places = [aghdam, kelbajar, stepanakert, shusha];
        let seen = places.map(|place| held(day, place));
        assert_eq!(seen.each_ref().map(Option::as_deref), holders, "{day}");
    }
}

#[test]
fn line_and_ground_agree_on_every_day() {
    let theatre = theatre();
    for from in theatre.changes() {
        let geometry = theatre.at(from);
        assert!(!geometry.lines.is_empty(), "{from}");
        // 300 m to either side of a stretch stand different parties, save where it folds.
        let (mut apart, mut all) = (0, 0);
        for segment in geometry.lines.iter().flat_map(|l| l.path.lines()) {
            let (dx, dy) = (segment.dx(), segment.dy());
            let length = dx.hypot(dy);
            let (ox, oy) = (-dy / length * 0.003, dx / length * 0.003);
            let mid = (
                (segment.start.x + segment.end.x) / 2.0,
                (segment.start.y + segment.end.y) / 2.0,
            );
            let side =
                |s: f64| geometry.holder(Position::new(mid.1 + s * oy, mid.0 + s * ox).unwrap());
            all += 1;
            apart +=
                usize::from(side(1.0).is_some() && side(-1.0).is_some() && side(1.0) != side(-1.0));
        }
        assert!(apart * 100 >= all * 95, "{from}: {apart} of {all}");
    }
}

#[test]
fn a_lone_scenario_need_say_little() {
    let text = br#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"kind":"contact_line"},"geometry":{"type":"LineString","coordinates":[[46.0,39.0],[46.0,40.0]]}},
{"type":"Feature","properties":{"kind":"held","party":"north-west"},"geometry":{"type":"Polygon","coordinates":[[[45.0,39.0],[46.0,39.0],[46.0,40.0],[45.0,40.0],[45.0,39.0]]]}},
{"type":"Feature","properties":{"kind":"held","party":"east"},"geometry":{"type":"Polygon","coordinates":[[[46.0,39.0],[47.0,39.0],[47.0,40.0],[46.0,40.0],[46.0,39.0]]]}},
{"type":"Feature","properties":{"kind":"held","party":"south"},"geometry":{"type":"Polygon","coordinates":[[[45.0,38.0],[47.0,38.0],[47.0,39.0],[45.0,39.0],[45.0,38.0]]]}},
{"type":"Feature","properties":{"kind":"sensor","id":"M1","operator":"mission","kinds":["weather"],"clock_sd_s":1.0,"bearing_sd_deg":null},"geometry":{"type":"Point","coordinates":[46.1,39.5]}},
{"type":"Feature","properties":{"kind":"post","id":"P1","operator":"east"},"geometry":{"type":"Point","coordinates":[46.2,39.5]}},
{"type":"Feature","properties":{"kind":"site","what":"quarry"},"geometry":{"type":"Point","coordinates":[46.3,39.5]}}
]}"#;
    let id = TheatreId::new("scenario").unwrap();
    let file = [File::new("some/where/theatre.geojson", text)];
    let theatre = Theatre::parse(&id, &file, Detail::Scenario).unwrap();
    let parties: Vec<_> = theatre.parties().iter().map(ToString::to_string).collect();
    assert_eq!(parties, ["east", "north-west", "south"]);
    assert!(theatre.changes().is_empty());
    let geometry = theatre.at(at("1994-05-12T00:00:00Z"));
    let place = Position::new(39.5, 46.1).unwrap();
    let holder = geometry.holder(place).unwrap();
    assert_eq!(holder.as_str(), "east");
    // A tenth of a degree of longitude at 39.5° N is 8,601 m on WGS 84.
    let distance_m = geometry.signed_line_distance_m(place, holder).unwrap();
    assert!((distance_m - 8_601.0).abs() < 2.0, "{distance_m}");
    let nearest = geometry.nearest_line(place).unwrap();
    assert!((nearest.bearing_deg - 270.0).abs() < 1e-6);
    assert_eq!(nearest.line.accuracy_m, 0.0);
    assert!(
        geometry
            .signed_line_distance_m(place, &parties[2].parse().unwrap())
            .unwrap()
            < 0.0
    );
    assert_eq!(geometry.is_in_area(place, "nowhere"), None);
    // What a theatre's folder must say, a scenario need not.
    assert!(Theatre::parse(&id, &file, Detail::Theatre).is_err());
}

#[test]
fn a_moved_post_stands_where_it_stood_then() {
    let theatre = theatre();
    let lon = |day: &str| {
        let geometry = theatre.at(at(&format!("{day}T12:00:00Z")));
        geometry.post("P03").map(|p| p.position.lon_deg())
    };
    assert_eq!(lon("2021-01-01"), None);
    assert!(lon("2021-02-01").is_some() && lon("2021-02-01") != lon("2021-04-01"));
    assert_eq!(
        theatre
            .posts
            .iter()
            .filter(|p| p.id.as_str() == "P03")
            .count(),
        2
    );
}

#[test]
fn the_hash_is_what_sha256sum_prints() {
    // sha256sum *.geojson | sha256sum
    let theatre = theatre();
    let lines: String = theatre
        .files
        .iter()
        .map(|(name, sha256)| format!("{sha256}  {name}\n"))
        .collect();
    assert_eq!(
        theatre.sha256,
        truceline_domain::Sha256::of(lines.as_bytes())
    );
    let files = shipped();
    let mut reversed: Vec<_> = files.iter().map(|(n, b)| File::new(n, b)).collect();
    reversed.reverse();
    let again = Theatre::parse(&theatre.id, &reversed, Detail::Theatre).unwrap();
    assert_eq!(again, theatre);
}

#[test]
fn documents_and_theatres_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Theatre>();
    shared::<truceline_agreement::Documents>();
}
