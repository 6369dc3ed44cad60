use truceline_domain::{CountKind, Direction, Means, Phenomenon, Weapon};

use super::bearing::{Distance, Sector, flight, point, seen, winds};
use super::when::{When, when, zone};
use super::words::{count, direction, means, phenomenon, weapon};

#[test]
fn weapons_of_the_tables_are_known() {
    for (text, expected) in [
        ("mortar 120mm", Weapon::Mortar),
        ("mortar 82/120 mm", Weapon::Mortar),
        ("mortar, calibre unknown", Weapon::Mortar),
        (
            "mortar 120mm; mortar (calibre given as 88mm); AGL",
            Weapon::Unknown,
        ),
        ("HMG (12.7mm)", Weapon::Hmg),
        ("heavy machine gun", Weapon::Hmg),
        ("heavy machine gun; small arms", Weapon::Unknown),
        ("heavy-machine-gun", Weapon::Hmg),
        ("small arms", Weapon::SmallArms),
        ("small_arms", Weapon::SmallArms),
        ("AGL", Weapon::Agl),
        ("IFV (BMP-2) cannon (30mm)", Weapon::Cannon),
        ("artillery (type unknown)", Weapon::Artillery),
        ("howitzer 122mm", Weapon::Artillery),
        ("MLRS (BM-21 Grad, 122mm)", Weapon::Mlrs),
        ("anti-tank guided missile", Weapon::AntiTank),
        ("anti_tank", Weapon::AntiTank),
        ("tank (125mm)", Weapon::Tank),
        ("mortar or artillery", Weapon::Unknown),
        ("UAV", Weapon::Drone),
        ("N/K", Weapon::Unknown),
        ("undetermined", Weapon::Unknown),
    ] {
        assert_eq!(weapon(text), expected, "{text}");
    }
}

#[test]
fn observations_and_their_description_are_known() {
    for (text, expected) in [
        ("Explosion", Phenomenon::Explosion),
        ("explosions", Phenomenon::Explosion),
        ("shot_and_burst", Phenomenon::Burst),
        ("Shot", Phenomenon::Shot),
        ("tracer_round", Phenomenon::Tracer),
        ("Muzzle flash", Phenomenon::MuzzleFlash),
        ("Projectile", Phenomenon::Projectile),
        ("Illumination flare", Phenomenon::Flare),
        ("smoke", Phenomenon::Other),
    ] {
        assert_eq!(phenomenon(text), expected, "{text}");
    }
    for (text, expected) in [
        ("Outgoing", Some(Direction::Outgoing)),
        ("incoming", Some(Direction::Incoming)),
        ("Incoming (impact)", Some(Direction::Impact)),
        ("Airburst", Some(Direction::Airburst)),
        ("Undetermined", Some(Direction::Unknown)),
        ("incoming_and_outgoing", None),
        ("in_flight", None),
    ] {
        assert_eq!(direction(text), expected, "{text}");
    }
    assert_eq!(means("SMM camera"), Some(Means::Camera));
    assert_eq!(means("Heard"), Some(Means::Heard));
    assert_eq!(means("seen"), Some(Means::Saw));
    assert_eq!(means("mini-UAV"), Some(Means::Uav));
    assert_eq!(means("told"), None);
}

#[test]
fn counts_say_how_they_were_made() {
    for (text, expected) in [
        ("12", (Some(12), CountKind::Exact)),
        ("at least 12", (Some(12), CountKind::AtLeast)),
        ("≥5", (Some(5), CountKind::AtLeast)),
        ("12+", (Some(12), CountKind::AtLeast)),
        ("10-15", (Some(10), CountKind::AtLeast)),
        ("About 30", (Some(30), CountKind::About)),
        ("~1,400", (Some(1400), CountKind::About)),
        ("uncounted", (None, CountKind::Uncounted)),
        ("Several", (None, CountKind::Uncounted)),
    ] {
        assert_eq!(count(text).unwrap(), expected, "{text}");
    }
    for text in ["a dozen", "-3", "1e9", "99999999999", "2000000", "1.5"] {
        assert!(count(text).is_err(), "{text}");
    }
}

fn sector(middle_deg: f64, half_width_deg: f64) -> Sector {
    Sector {
        middle_deg,
        half_width_deg,
    }
}

#[test]
fn winds_make_the_narrowest_sector() {
    assert_eq!(winds("NNE"), Some(sector(22.5, 11.25)));
    assert_eq!(winds("north-north-east"), Some(sector(22.5, 11.25)));
    assert_eq!(winds("NW, N and NNE"), Some(sector(348.75, 45.0)));
    assert_eq!(winds("WSW W WNW NW"), winds("NW WNW WSW W"));
    assert_eq!(winds("E ESE S"), Some(sector(135.0, 56.25)));
    // The four corners leave a quarter out, eight winds an eighth less their widths.
    assert_eq!(winds("N E S W").unwrap().half_width_deg, 146.25);
    assert_eq!(winds("N of town"), None);
    assert_eq!(winds(""), None);
}

#[test]
fn places_are_seen_from_the_observer_or_stay_words() {
    let km = |a, b| Some(Distance::from_km(a, b));
    let nne = winds("NNE");
    for (text, distance, sector) in [
        ("2-7km NNE", km(2.0, 7.0), nne),
        ("2–7 km NNE", km(2.0, 7.0), nne),
        ("2 to 7 km, NNE", km(2.0, 7.0), nne),
        ("4.5 km NE", km(4.5, 4.5), winds("NE")),
        ("about 3km N", km(3.0, 3.0), winds("N")),
        ("800m", km(0.8, 0.8), None),
        ("NW, N and NNE", None, winds("NW N NNE")),
    ] {
        let told = seen(text).unwrap();
        assert_eq!((told.distance, told.sector), (distance, sector), "{text}");
    }
    for text in [
        "23 km NE of Mariupol",
        "near the mine",
        "5",
        "2-3-4 km N",
        "7 miles N",
        "1-x km",
    ] {
        assert_eq!(seen(text), None, "{text}");
    }
    assert_eq!(flight("from W to E"), Some((270.0, 90.0)));
    assert_eq!(flight("N>S"), Some((0.0, 180.0)));
    assert_eq!(flight("W-E"), Some((270.0, 90.0)));
    assert_eq!(flight("outgoing"), None);
    assert!(point("40.5 46.9 120 5").unwrap().is_ok());
    assert!(point("140.5 46.9").unwrap().is_err());
    assert!(point("Post 3").is_none());
}

fn told(text: &str, local: &str) -> String {
    let local = Some(local)
        .filter(|l| !l.is_empty())
        .map(|l| zone(l).unwrap());
    match when(text, local.as_ref()) {
        Ok(When {
            observed,
            until: None,
        }) => observed.to_string(),
        Ok(When {
            observed,
            until: Some(until),
        }) => format!("{observed}/{until}"),
        Err(refusal) => refusal.message,
    }
}

#[test]
fn times_are_read_as_people_write_them() {
    let instant = "2021-03-14T09:05:00.000000Z";
    for text in [
        "2021-03-14 13:05",
        "14.03.2021 13:05",
        "14/03/2021, 13:05",
        "14-Mar-2021 13:05",
        "14 March 2021, 13:05",
        "13:05, 14 March 2021",
        "13:05:00 14.03.2021",
        "2021-03-14 09:05 UTC",
        "2021-03-14 11:05 +02:00",
        "2021-03-14T09:05:00Z",
        "2021-03-14T13:05:00.000+04:00",
    ] {
        assert_eq!(told(text, "Asia/Baku"), instant, "{text}");
    }
    for (text, from, until) in [
        (
            "2021-03-14 08:55/17:30",
            "2021-03-14T04:55",
            "2021-03-14T13:30",
        ),
        (
            "14.03.2021 23:00 - 01:00",
            "2021-03-14T19:00",
            "2021-03-14T21:00",
        ),
        (
            "14.03.2021 23:00 - 15.03.2021 01:00",
            "2021-03-14T19:00",
            "2021-03-14T21:00",
        ),
        ("2021-03-14", "2021-03-13T20:00", "2021-03-14T20:00"),
        ("2021-03-14 day", "2021-03-14T02:00", "2021-03-14T16:00"),
        ("2021-03-14 night", "2021-03-14T14:00", "2021-03-15T04:00"),
        (
            "2021-03-14/15 night, 83 min",
            "2021-03-14T14:00",
            "2021-03-15T04:00",
        ),
        (
            "2021-03-31/01 evening and night",
            "2021-03-31T12:00",
            "2021-04-01T04:00",
        ),
    ] {
        assert_eq!(
            told(text, "+04:00"),
            format!("{from}:00.000000Z/{until}:00.000000Z"),
            "{text}"
        );
    }
}

#[test]
fn a_time_without_zone_or_sense_is_refused() {
    assert!(told("2021-03-14 13:05", "").contains("without a zone"));
    for text in [
        "yesterday",
        "13:05",
        "14.03. 13:05",
        "2021-02-30 10:00",
        "2021-03-14 25:00",
        "2021-03-14/20",
        "14.03.21 13:05",
        "2021-03-14 10:00 11:00 12:00",
        "",
    ] {
        assert!(
            told(text, "UTC").contains("cannot be read"),
            "{text}: {}",
            told(text, "UTC")
        );
    }
    // Clocks went forward, and back: an hour that never was, and one that was twice.
    assert!(told("2016-03-27 03:30", "Europe/Kyiv").contains("left out"));
    assert_eq!(
        told("2016-10-30 03:30", "Europe/Kyiv"),
        "2016-10-30T00:30:00.000000Z/2016-10-30T01:30:00.000000Z"
    );
}

#[test]
fn zones_are_names_or_offsets() {
    for text in [
        "Asia/Baku",
        "+04:00",
        "+4",
        "UTC+4",
        "GMT+04:00",
        "Z",
        "utc",
        "0400",
    ] {
        assert!(zone(text).is_ok(), "{text}");
    }
    for text in ["", "local", "Mars/Base", "+15:00", "+4:75", "--4"] {
        assert!(zone(text).is_err(), "{text}");
    }
}
