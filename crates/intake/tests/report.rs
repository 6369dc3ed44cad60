//! Ground observers' reports: tables, objects, submissions.

use proptest::prelude::*;
use truceline_domain::{
    Body, CountKind, Direction, Means, Observation, Phenomenon, Report, Weapon,
};
use truceline_intake::{Fault, FaultKind, Format, Item};

const SMM: &str = include_str!("data/report/smm_coded.csv");
const TABLE: &str = include_str!("data/report/exercise_table.csv");
const SUBMISSION: &str = include_str!("data/report/submission.xml");
const KOBO: &str = include_str!("data/report/kobo_export.json");

fn items(pieces: &[&[u8]]) -> Vec<Item> {
    crate::common::items(Format::Report, pieces.iter().copied()).0
}

fn read(text: &str) -> (Vec<Observation>, Vec<Fault>) {
    crate::common::told(items(&[text.as_bytes()]))
}

fn report(o: &Observation) -> &Report {
    match &o.body {
        Body::Report(r) => r,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_in_the_missions_form_is_read() {
    assert_eq!(Format::recognise(TABLE.as_bytes()), Some(Format::Report));
    let (observations, faults) = read(TABLE);
    assert_eq!(observations.len(), 6);
    let [title] = faults.as_slice() else {
        panic!("{faults:?}")
    };
    assert_eq!((title.kind, title.line), (FaultKind::Garbage, Some(1)));
    let r: Vec<&Report> = observations.iter().map(report).collect();
    assert_eq!(observations[0].source.as_str(), "P03");
    assert_eq!(
        observations[0].observed.unwrap().to_string(),
        "2021-03-14T09:05:00.000000Z"
    );
    assert_eq!(r[0].observer_place.as_deref(), Some("Post 3"));
    assert_eq!(
        (r[0].count, r[0].count_kind),
        (Some(12), CountKind::AtLeast)
    );
    assert_eq!(
        (r[0].means, r[0].phenomenon),
        (Some(Means::Heard), Some(Phenomenon::Explosion))
    );
    assert_eq!(
        (r[0].weapon, r[0].direction),
        (Weapon::Mortar, Direction::Outgoing)
    );
    assert_eq!(r[0].bearing_deg.unwrap().deg(), 22.5);
    assert_eq!(r[0].distance_m.unwrap().get(), 4500.0);
    assert_eq!(r[0].distance_min_m.unwrap().get(), 2000.0);
    assert_eq!(
        r[1].observed_until.unwrap().to_string(),
        "2021-03-14T09:20:00.000000Z"
    );
    assert_eq!(r[2].flight_from_deg.unwrap().deg(), 270.0);
    assert_eq!(r[2].weapon_text, None);
    assert_eq!(r[3].observer_place.as_deref(), Some("Post 4\n(roof)"));
    assert_eq!(r[3].direction, Direction::Impact);
    assert_eq!(
        observations[3].observed.unwrap().to_string(),
        "2021-03-14T09:07:30.000000Z"
    );
    assert_eq!((r[4].count, r[4].count_kind), (None, CountKind::Uncounted));
    assert_eq!(
        observations[5].observed.unwrap().to_string(),
        "2021-03-14T08:50:00.000000Z"
    );
}

#[test]
fn coded_rows_of_a_real_mission_are_read() {
    assert_eq!(Format::recognise(SMM.as_bytes()), Some(Format::Report));
    let (observations, faults) = read(SMM);
    assert_eq!(
        (observations.len(), faults.len()),
        (SMM.lines().count() - 2, 0),
        "{faults:?}"
    );
    let first = report(&observations[0]);
    assert_eq!(
        observations[0].observed.unwrap().to_string(),
        "2015-08-28T05:55:00.000000Z"
    );
    assert_eq!(
        first.observed_until.unwrap().to_string(),
        "2015-08-28T14:30:00.000000Z"
    );
    assert_eq!((first.count, first.weapon), (Some(73), Weapon::Unknown));
    assert_eq!(first.bearing_deg.unwrap().deg(), 348.75);
    assert_eq!(first.distance_max_m.unwrap().get(), 6000.0);
    assert!(
        first.text.contains("incoming_and_outgoing"),
        "{}",
        first.text
    );
}

#[test]
fn submissions_and_their_export_say_the_same() {
    assert_eq!(
        Format::recognise(SUBMISSION.as_bytes()),
        Some(Format::Report)
    );
    assert_eq!(Format::recognise(KOBO.as_bytes()), Some(Format::Report));
    let (xml, faults) = read(SUBMISSION);
    assert!(faults.is_empty(), "{faults:?}");
    let (json, faults) = read(KOBO);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(xml, json);
    let [o] = xml.as_slice() else {
        panic!("{xml:?}")
    };
    assert_eq!(o.id.as_str(), "uuid:6d1f0a52-6b3e-4f2e-9a75-1f0c2f2f4d11");
    assert_eq!(o.source.as_str(), "P03");
    assert_eq!(
        o.observed.unwrap().to_string(),
        "2021-03-14T09:05:00.000000Z"
    );
    let r = report(o);
    assert_eq!(r.observer.unwrap().lat_deg(), 40.0121);
    assert_eq!((r.count, r.weapon), (Some(4), Weapon::Mortar));
    assert_eq!(r.bearing_deg.unwrap().deg(), 250.0);
    assert_eq!(
        r.text,
        "Four rounds & then quiet; attachment: 1615712800.jpg"
    );
}

#[test]
fn submissions_may_follow_each_other_and_come_twice() {
    let other = SUBMISSION.replace("4d11", "4d12");
    let changed = SUBMISSION.replace("<count>4", "<count>5");
    let (observations, faults) = read(&format!("{SUBMISSION}{other}\n{SUBMISSION}{changed}"));
    assert_eq!(observations.len(), 2);
    let kinds: Vec<_> = faults.iter().map(|f| f.kind).collect();
    assert_eq!(kinds, [FaultKind::Duplicate, FaultKind::Absurd]);
}

#[test]
fn objects_come_in_several_forms() {
    let own = r#"{"id":"r1","source":"P01","kind":"report","observed":"2021-03-14T09:05:00Z","bearing_deg":180.0,"distance_m":14000,"count":4,"weapon":"artillery","direction":"incoming","attributed":"x","text":"4 x artillery"}"#;
    let bare = own.replace(r#""kind":"report","#, "").replace("r1", "r2");
    let table = r#"{"SMM position":"Post 3","Event location":"2-7km NNE","Means":"Heard","No.":12,"Observation":"Explosion","Weapon":"mortar","Date, time":"2021-03-14 13:05","utc_offset":"+04:00"}"#;
    for text in [
        format!("{own}\n{bare}\n{table}\n"),
        format!("[{own},\n{bare},{table}]"),
        format!("{own}{bare}{table}"),
    ] {
        let (observations, faults) = read(&text);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(observations.len(), 3);
        let as_written = Report {
            weapon_text: Some("artillery".into()),
            ..report(&observations[0]).clone()
        };
        assert_eq!(&as_written, report(&observations[1]));
        assert_eq!(report(&observations[2]).distance_m.unwrap().get(), 4500.0);
        assert_eq!(observations[2].source.as_str(), "source");
    }
    assert_eq!(Format::recognise(bare.as_bytes()), Some(Format::Report));
    let placed = r#"{"weapon":"mortar","observed":"2021-03-14T09:05:00Z","observer_position":{"lat":40,"lon":47},"lat":40.1,"lon":47.1}"#;
    let (observations, faults) = read(placed);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(report(&observations[0]).observer.unwrap().lat_deg(), 40.0);
    assert_eq!(report(&observations[0]).place.unwrap().lat_deg(), 40.1);
}

#[test]
fn the_zone_comes_from_the_nearest_place_that_tells_one() {
    let row = "Post 3,3km N,Heard,2,Explosion,Outgoing,mortar,2021-03-14 13:05";
    let header = "SMM position,Event location,Means,No.,Observation,Description,Weapon,";
    for (table, expected) in [
        (format!("{header}\"Date, time (UTC+4)\"\n{row}\n"), "09:05"),
        (
            format!("# utc_offset: +03:00\n{header}\"Date, time\"\n{row}\n"),
            "10:05",
        ),
        (
            format!("# utc_offset: +03:00\n{header}when,tz\n{row},+05:00\n"),
            "08:05",
        ),
        (
            format!("# utc_offset: +03:00\n{header}when,tz\n{row},\n"),
            "10:05",
        ),
        (format!("{header}when\n{row}Z\n"), "13:05"),
    ] {
        let (observations, faults) = read(&table);
        assert_eq!(observations.len(), 1, "{table} {faults:?}");
        let observed = observations[0].observed.unwrap().to_string();
        assert_eq!(
            observed,
            format!("2021-03-14T{expected}:00.000000Z"),
            "{table}"
        );
    }
    let (observations, faults) = read(&format!("{header}when\n{row}\n"));
    // The report is kept, and says what it was written with.
    assert_eq!((observations.len(), observations[0].observed), (1, None));
    assert!(
        faults[0].message.contains("without a zone"),
        "{}",
        faults[0]
    );
}

#[test]
fn semicolons_and_tabs_separate_too() {
    for delimiter in [';', '\t'] {
        let table = "\u{feff}Position,Means,Number,Weapon,When\r\nPost 3,heard,2,mortar,2021-03-14T09:05:00Z\r\n"
            .replace(',', &delimiter.to_string());
        let (observations, faults) = read(&table);
        assert_eq!((observations.len(), faults.len()), (1, 0), "{faults:?}");
    }
}

#[test]
fn a_wrong_row_is_told_and_the_next_is_read() {
    let good = "P1,3km N,Heard,2,Explosion,mortar,2021-03-14T09:05:00Z";
    for (row, word) in [
        ("P1,3km N,Heard,2,Explosion,mortar", "6 fields"),
        (
            "P1,3km N,Heard,2,Explosion,mortar,2021-03-14T09:05:00Z,x",
            "8 fields",
        ),
        (
            "P1,3km N,Heard,a dozen,Explosion,mortar,2021-03-14T09:05:00Z",
            "a dozen",
        ),
        (
            "P1,3km N,Heard,9000000,Explosion,mortar,2021-03-14T09:05:00Z",
            "9000000",
        ),
        ("P1,3km N,Heard,2,Explosion,mortar,soon", "soon"),
        ("P1,3km N,Heard,2,Explosion,mortar,", "no time"),
        (
            "P1,95 200,Heard,2,Explosion,mortar,2021-03-14T09:05:00Z",
            "latitude",
        ),
        (",,,,,,2021-03-14T09:05:00Z", "nothing of an event"),
    ] {
        let table =
            format!("Position,Event location,Means,No.,Observation,Weapon,When\n{row}\n{good}\n");
        let (observations, faults) = read(&table);
        assert_eq!(observations.len(), 1, "{row}: {faults:?}");
        assert_eq!(faults[0].line, Some(2), "{row}");
        assert!(faults[0].message.contains(word), "{row}: {}", faults[0]);
    }
}

#[test]
fn what_no_field_takes_stays_in_the_text() {
    let (observations, _) = read(
        "Position,Event location,Means,Observation,Description,Weapon,When,Note\n\
         P1,5 km E of the bridge,told,smoke,tracer or flare,railgun,2021-03-14T09:05:00Z,seen late\n",
    );
    let r = report(&observations[0]);
    assert_eq!(
        (r.weapon, r.phenomenon, r.means),
        (Weapon::Unknown, Some(Phenomenon::Other), None)
    );
    assert_eq!(r.weapon_text.as_deref(), Some("railgun"));
    for word in [
        "5 km E of the bridge",
        "told",
        "smoke",
        "tracer or flare",
        "seen late",
    ] {
        assert!(r.text.contains(word), "{word}: {}", r.text);
    }
    assert!(r.distance_m.is_none() && r.bearing_deg.is_none());
}

#[test]
fn hostile_documents_are_refused() {
    let bomb = "<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><data id=\"f\"><weapon>&b;</weapon><meta><instanceID>x</instanceID></meta></data>";
    let entity = SUBMISSION.replace("&amp;", "&secret;");
    let deep = format!(
        "<data id=\"f\">{}{}</data>",
        "<g>".repeat(1000),
        "</g>".repeat(1000)
    );
    let cot = SUBMISSION
        .replace("<data ", "<event ")
        .replace("</data>", "</event>")
        .replace("instanceID", "iid");
    let torn = &SUBMISSION[..SUBMISSION.len() - 9];
    let twice = SUBMISSION.replace("<count>4</count>", "<count>4</count><count>5</count>");
    for (text, word) in [
        (bomb, "document type"),
        (&entity, "secret"),
        (&deep, "groups"),
        (&cot, "no submission"),
        (torn, "does not end"),
        (&twice, "told twice"),
        ("<a></b>", "b"),
        (
            "{\"weapon\":\"mortar\",\"weapon\":\"agl\",\"no\":1}",
            "stands twice",
        ),
        ("{\"weapon\":", "does not end"),
        ("[1,2]", "no report"),
    ] {
        let (observations, faults) = read(text);
        assert!(observations.is_empty(), "{text}");
        assert!(faults[0].message.contains(word), "{word}: {}", faults[0]);
    }
    let nested = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert!(read(&nested).0.is_empty());
}

#[test]
fn other_tables_and_documents_are_no_reports() {
    for text in [
        "entry,date,event_group,title,lat,lon,country\n1,2,3,4,5,6,7\n",
        "month,a,b,total\n2013-01,1,2,3\n",
        "latitude,longitude,acq_date,acq_time\n",
        "<event version=\"2.0\" uid=\"x\"><point/></event>",
        "{\"type\":\"FeatureCollection\",\"features\":[]}",
        "plain words",
        "",
    ] {
        assert_ne!(
            Format::recognise(text.as_bytes()),
            Some(Format::Report),
            "{text}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn items_do_not_depend_on_chunks(
        which in 0usize..4,
        mut cuts in prop::collection::vec(0usize..3000, 0..8),
    ) {
        let text = [SMM, TABLE, SUBMISSION, KOBO][which].as_bytes();
        cuts.iter_mut().for_each(|c| *c = (*c).min(text.len()));
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let chunks: Vec<_> = cuts.windows(2).map(|w| &text[w[0]..w[1]]).collect();
        prop_assert_eq!(items(&chunks), items(&[text]));
        let bytes: Vec<_> = text.chunks(1).collect();
        prop_assert_eq!(items(&bytes), items(&[text]));
    }

    #[test]
    fn any_row_is_survived(row in "[ -~\\n°≥–]{0,80}", at in 0usize..8) {
        let header = "Position,Event location,Means,No.,Observation,Weapon,When,Bearing";
        let mut cells = ["P1", "3km N", "Heard", "2", "Explosion", "mortar", "2021-03-14 day Z", "10"];
        cells[at] = &row;
        read(&format!("# tz: UTC\n{header}\n{}\n", cells.join(",")));
    }

    #[test]
    fn any_document_is_survived(text in "[<>/a-c\"'=!\\[\\]{}:, \\n&;#0-9-]{0,200}") {
        read(&format!("<{text}"));
        read(&format!("{{{text}"));
    }
}
