//! The shipped theatre's line and ground.
#![allow(clippy::unwrap_used)] // A test fails by panicking.

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
