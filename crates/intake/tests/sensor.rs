//! Sensors' readings from NDJSON.

use proptest::prelude::*;
use truceline_domain::Observation;
use truceline_intake::{Fault, FaultKind, Format, Item};

const SMOKE: &str = include_str!("data/sensor/smoke.ndjson");
const FLASH: &str = r#"{"id":"o1","received":"2021-03-14T09:00:09Z","observed":"2021-03-14T09:00:01Z","source":"F1","kind":"flash","bearing_deg":10,"bearing_sd_deg":1.5}"#;

fn items(pieces: &[&[u8]]) -> Vec<Item> {
    crate::common::items(Format::Sensor, pieces.iter().copied()).0
}

fn read(text: &str) -> (Vec<Observation>, Vec<Fault>) {
    crate::common::told(items(&[text.as_bytes()]))
}

#[test]
fn each_line_is_what_the_domain_reads() {
    assert_eq!(Format::recognise(SMOKE.as_bytes()), Some(Format::Sensor));
    let (observations, faults) = read(SMOKE);
    let mut expected: Vec<Observation> = Vec::new();
    for line in SMOKE.lines() {
        let o: Observation = serde_json::from_str(line).unwrap();
        if !expected.iter().any(|before| before.id == o.id) {
            expected.push(o);
        }
    }
    assert_eq!(faults.len(), SMOKE.lines().count() - expected.len());
    assert!(
        faults.iter().all(|f| f.kind == FaultKind::Duplicate),
        "{faults:?}"
    );
    assert_eq!(observations, expected);
}

#[test]
fn a_line_delivered_twice_counts_once_and_an_id_is_not_rewritten() {
    let later = FLASH.replace("09:00:09Z", "09:05:00Z");
    let other = FLASH.replace("\"bearing_deg\":10", "\"bearing_deg\":100");
    let (observations, faults) = read(&format!("{FLASH}\n{later}\n{other}\n"));
    assert_eq!(observations.len(), 1);
    assert_eq!(faults[0].kind, FaultKind::Duplicate);
    assert_eq!(faults[1].kind, FaultKind::Absurd);
    assert_eq!(faults[1].line, Some(3));
    assert_eq!(faults[1].bytes, format!("{other}\n").as_bytes());
}

#[test]
fn line_ends_blank_lines_and_a_byte_order_mark_are_passed_over() {
    let second = FLASH.replace("o1", "o2");
    let (observations, faults) = read(&format!("\u{feff}{FLASH}\r\n\r\n\n  {second}"));
    assert_eq!((observations.len(), faults.len()), (2, 0));
}

#[test]
fn a_line_without_source_is_the_feeds() {
    let (observations, _) = read(&FLASH.replace(r#""source":"F1","#, ""));
    assert_eq!(observations[0].source.as_str(), "source");
}

/// What is wrong with a line, by the words that must tell it.
const WRONG: &[(&str, &str, FaultKind, &str)] = &[
    (
        "\"bearing_deg\":10,",
        "",
        FaultKind::Malformed,
        "bearing_deg",
    ),
    (
        "\"bearing_deg\":10",
        "\"bearing_deg\":1e9",
        FaultKind::Absurd,
        "bearing_deg (column",
    ),
    (
        "\"bearing_deg\":10",
        "\"bearing_deg\":NaN",
        FaultKind::Malformed,
        "column",
    ),
    (
        "\"bearing_deg\":10",
        "\"bearing_deg\":1e999",
        FaultKind::Malformed,
        "bearing_deg",
    ),
    (
        "\"bearing_deg\":10",
        "\"bearing_deg\":\"10\"",
        FaultKind::Malformed,
        "bearing_deg",
    ),
    ("1.5", "0", FaultKind::Absurd, "above zero"),
    ("1.5", "-1", FaultKind::Absurd, "bearing_sd_deg"),
    ("\"id\":\"o1\",", "", FaultKind::Malformed, "`id`"),
    ("\"o1\"", "\" o1\"", FaultKind::Malformed, "id"),
    ("\"o1\"", "17", FaultKind::Malformed, "id"),
    (
        "\"flash\"",
        "\"telepathy\"",
        FaultKind::Malformed,
        "telepathy",
    ),
    (
        "\"flash\"",
        "\"fmv.metadata\"",
        FaultKind::Malformed,
        "fmv.metadata",
    ),
    (
        "\"kind\":\"flash\"",
        "\"kind\":\"flash\",\"kind\":\"acoustic\"",
        FaultKind::Malformed,
        "twice",
    ),
    (
        "\"observed\":\"2021-03-14T09:00:01Z\",",
        "",
        FaultKind::Malformed,
        "observed",
    ),
    (
        "09:00:01Z",
        "09:00:01",
        FaultKind::Malformed,
        "observed (column",
    ),
    (
        "2021-03-14T09:00:09Z",
        "later",
        FaultKind::Malformed,
        "received",
    ),
    ("1.5}", "1.5} {}", FaultKind::Malformed, "trailing"),
    ("1.5}", "1.5", FaultKind::Malformed, "EOF"),
    ("{\"id\"", "[\"id\"", FaultKind::Malformed, "column"),
];

#[test]
fn a_wrong_line_is_told_with_its_place_and_the_next_is_read() {
    let good = FLASH.replace("o1", "good");
    for (from, to, kind, word) in WRONG {
        let wrong = FLASH.replace(from, to);
        assert_ne!(wrong, FLASH);
        let (observations, faults) = read(&format!("\n{wrong}\n{good}\n"));
        assert_eq!(observations.len(), 1, "{wrong}");
        let [fault] = faults.as_slice() else {
            panic!("{wrong}: {faults:?}")
        };
        assert_eq!(
            (fault.kind, fault.line, fault.offset),
            (*kind, Some(2), 1),
            "{fault}"
        );
        assert!(fault.message.contains(word), "{word}: {fault}");
        assert_eq!(fault.bytes, format!("{wrong}\n").as_bytes());
    }
}

#[test]
fn a_torn_last_line_is_truncated() {
    let (observations, faults) = read(&format!("{FLASH}\n{}", &FLASH[..60]));
    assert_eq!(observations.len(), 1);
    assert_eq!(faults[0].kind, FaultKind::Truncated);
}

#[test]
fn hostile_lines_cost_themselves() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let fields: String = (0..5_000).map(|n| format!("\"k{n}\":1,")).collect();
    let many = FLASH.replacen('{', &format!("{{{fields}"), 1);
    let huge = FLASH.replace("F1", &"x".repeat(200_000));
    let input = format!("{deep}\n{many}\n{huge}\n\u{0}\n{FLASH}\n");
    let (observations, faults) = read(&input);
    assert_eq!((observations.len(), faults.len()), (1, 4), "{faults:?}");
    let mut bytes = b"\xff\xfe{\n".to_vec();
    bytes.extend_from_slice(FLASH.as_bytes());
    assert_eq!(
        items(&[&bytes])
            .iter()
            .filter(|i| matches!(i, Item::Observation(_)))
            .count(),
        1
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn items_do_not_depend_on_chunks(mut cuts in prop::collection::vec(0usize..6000, 0..8)) {
        let text = format!("{}\n{{}}\n{}", &SMOKE[..5000], &FLASH[..50]);
        let bytes = text.as_bytes();
        cuts.iter_mut().for_each(|c| *c = (*c).min(bytes.len()));
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<_> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
        prop_assert_eq!(items(&chunks), items(&[bytes]));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        items(&[&bytes]);
    }
}
