//! What is wrong is told with file, line, column and what was expected: all of it, in order.

use proptest::prelude::*;
use truceline_agreement::{File, check};

fn shown(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files
        .iter()
        .map(|(n, t)| File::new(n, t.as_bytes()))
        .collect();
    check(&files).iter().map(ToString::to_string).collect()
}

/// Compares with the snapshot in `tests/faults/`; `BLESS=1` renews it.
fn snapshot(name: &str, files: &[(&str, &str)]) {
    let path = format!("{}/tests/faults/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let found = shown(files).join("\n") + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap(), "{name}");
}

const AGREEMENT: &str = include_str!("faults/agreement.md");
const PROCEDURES: &str = include_str!("faults/procedures.md");
const MANDATE: &str = include_str!("faults/mandate.md");
const MAP: &str = include_str!("faults/map.geojson");

#[test]
fn faults_of_an_agreement() {
    snapshot("agreement", &[("agreement.md", AGREEMENT)]);
}

#[test]
fn faults_of_procedures_and_mandates() {
    let files = [("procedures.md", PROCEDURES), ("mandate.md", MANDATE)];
    snapshot("procedures", &files);
}

#[test]
fn faults_of_a_map() {
    snapshot("map", &[("docs.md", ""), ("map.geojson", MAP)]);
}

#[test]
fn versions_that_contradict_each_other() {
    let header = |version: u32, from: &str, more: &str| {
        format!(
            "```agreement\nid = \"t\"\ntheatre = \"t\"\ntitle = \"T\"\nversion = {version}\n\
             signed = 2020-01-01\ntimezone = \"Z\"\nfrom = {from}\n{more}\n\
             parties = [ {{ id = \"a\", name = \"A\" }} ]\n```\n"
        )
    };
    let first = header(1, "2020-02-01", "");
    let again = header(1, "2020-03-01", "");
    let earlier = header(
        2,
        "2020-01-01",
        &format!("supersedes = \"{}\"", "0".repeat(64)),
    );
    let files = [
        ("1.md", first.as_str()),
        ("2.md", again.as_str()),
        ("3.md", earlier.as_str()),
    ];
    let found = shown(&files);
    let expected = [
        "2.md:5: error: a second version 1 of \"t\"; expected another version than that of 1.md:1",
        "3.md:8: error: version 2 from 2020-01-01T00:00:00.000000Z; expected after version 1 (2.md:1), 2020-03-01T00:00:00.000000Z",
    ];
    assert_eq!(&found[..2], expected);
    assert!(
        found[2].starts_with("3.md:9: error: supersedes 0000"),
        "{found:?}"
    );
    assert_eq!(found.len(), 3);
}

#[test]
fn hostile_documents_end_in_a_fault() {
    let deep_json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_toml = format!(
        "```clause\nx = {}1{}\n```\n",
        "[".repeat(9_000),
        "]".repeat(9_000)
    );
    let dotted = format!(
        "```party\n{}x = 1\n```\n```clause\n{}x = 1\n```\n",
        "a.".repeat(9_000),
        "a.".repeat(9_000)
    );
    let quotes = format!("{}```clause\nx = 1\n```\n", "> ".repeat(3_000));
    let lists = "- ".repeat(20_000);
    let many = "```clause\n```\n".repeat(6_000);
    let ring: Vec<_> = (0..6_000)
        .map(|i| format!("[{},1]", f64::from(i) * 1e-4))
        .collect();
    let ring = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"kind":"held","party":"a"}},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}]}}"#,
        ring.join(",")
    );
    let nan = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"site","what":"x"},"geometry":{"type":"Point","coordinates":[1e999,0]}}]}"#;
    for (name, bytes) in [
        ("a.geojson", deep_json.as_bytes()),
        ("a.geojson", ring.as_bytes()),
        ("a.geojson", nan.as_bytes()),
        ("a.geojson", b"\xff\xfe\x00".as_slice()),
        ("a.md", b"# x\n\n\xff".as_slice()),
        ("a.md", deep_toml.as_bytes()),
        ("a.md", dotted.as_bytes()),
        ("a.md", quotes.as_bytes()),
        ("a.md", many.as_bytes()),
        ("a.exe", b"".as_slice()),
    ] {
        let found = check(&[File::new(name, bytes)]);
        assert!(!found.is_empty(), "{name}");
        assert!(found.iter().all(|f| f.to_string().len() < 2_000));
    }
    assert!(check(&[File::new("a.md", lists.as_bytes())]).is_empty());
    let huge = vec![b' '; 5 << 20];
    let found = check(&[File::new("a.md", &huge)]);
    assert_eq!(
        found[0].to_string(),
        "a.md:1: error: 5242880 bytes; expected at most 4194304 bytes"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_change_of_bytes_is_read_or_told(
        which in 0_usize..4, at in 0.0..1.0_f64, cut in 0_usize..40, put in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let all = [("agreement.md", AGREEMENT), ("procedures.md", PROCEDURES), ("mandate.md", MANDATE), ("map.geojson", MAP)];
        let (name, text) = all[which];
        let mut bytes = text.as_bytes().to_vec();
        let start = (at * bytes.len() as f64) as usize;
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, put);
        let lines = 1 + bytes.iter().filter(|b| **b == b'\n').count();
        let found = check(&[File::new(name, &bytes)]);
        for fault in &found {
            prop_assert!((1..=lines + 1).contains(&fault.line), "{fault} of {lines}");
        }
        prop_assert!(found.is_sorted());
    }
}
