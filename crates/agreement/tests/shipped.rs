//! The shipped documents: no fault, and what they say on given days.

use std::path::Path;

use truceline_agreement::document::AgreementKind;
use truceline_agreement::{Documents, File};
use truceline_domain::{ClauseId, Observed};

fn files() -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theatres/karabakh-2020");
    let mut files = Vec::new();
    for folder in [dir.clone(), dir.join("theatre")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".md") || name.ends_with(".geojson") {
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    files
}

fn documents() -> Documents {
    let files = files();
    let files: Vec<_> = files.iter().map(|(n, b)| File::new(n, b)).collect();
    Documents::parse(&files).unwrap_or_else(|faults| panic!("{faults}"))
}

fn at(text: &str) -> Observed {
    text.parse().unwrap()
}

#[test]
fn they_have_no_fault_and_no_note() {
    let files = files();
    let files: Vec<_> = files.iter().map(|(n, b)| File::new(n, b)).collect();
    let shown: Vec<_> = truceline_agreement::check(&files)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn the_ceasefire_begins_at_midnight_in_moscow() {
    let documents = documents();
    let count = |text: &str| {
        documents
            .agreements_at(at(text))
            .iter()
            .filter(|a| a.kind == AgreementKind::Agreement)
            .flat_map(|a| a.clauses_at(at(text)))
            .filter(|c| c.id.as_str() == "1.ceasefire")
            .count()
    };
    assert_eq!(count("2020-11-09T20:59:59.999999Z"), 0);
    assert_eq!(count("2020-11-09T21:00:00Z"), 1);
}

#[test]
fn a_moved_deadline_is_moved_from_the_day_it_was_agreed() {
    let documents = documents();
    let agreement = documents
        .agreements
        .iter()
        .find(|a| a.kind == AgreementKind::Agreement)
        .unwrap();
    let clause = agreement
        .clause(&ClauseId::new("6.kelbajar").unwrap())
        .unwrap();
    let by = |text: &str| agreement.terms(clause, at(text)).by.unwrap().to_string();
    assert_eq!(by("2020-11-14T12:00:00Z"), "2020-11-15T21:00:00.000000Z");
    assert_eq!(by("2020-11-15T12:00:00Z"), "2020-11-25T21:00:00.000000Z");
    assert!(!agreement.binds(clause, at("2020-11-25T20:59:59Z")));
    assert!(agreement.binds(clause, at("2020-11-25T21:00:00Z")));
}

#[test]
fn the_procedures_are_in_force_once_begun_and_only_as_approved() {
    let documents = documents();
    assert!(
        documents
            .procedures_at(at("2021-01-29T19:59:59Z"))
            .is_none()
    );
    let procedures = documents.procedures_at(at("2021-01-29T20:00:00Z")).unwrap();
    assert_eq!(procedures.version, 1);
    assert!((procedures.naming_threshold().get() - 0.98).abs() < 1e-12);
    // One changed byte before the approval, and nothing is in force.
    let mut files = files();
    let (_, bytes) = files
        .iter_mut()
        .find(|(n, _)| n == "procedures.md")
        .unwrap();
    let text = String::from_utf8(bytes.clone())
        .unwrap()
        .replacen("0.02", "0.20", 1);
    *bytes = text.into_bytes();
    let files: Vec<_> = files.iter().map(|(n, b)| File::new(n, b)).collect();
    let (changed, faults) = Documents::read(&files);
    assert!(changed.procedures_at(at("2021-06-01T00:00:00Z")).is_none());
    assert!(
        faults
            .iter()
            .any(|f| f.is_error() && f.what.contains("another text"))
    );
}

#[test]
fn mandates_hold_for_their_term() {
    let documents = documents();
    let state = documents
        .authorisations
        .iter()
        .find(|a| a.id == "tr-2020")
        .unwrap();
    let states = |text: &str| documents.authorisations_at(&state.state, at(text)).count();
    assert_eq!(states("2020-11-16T20:59:59Z"), 0);
    assert_eq!(states("2020-11-16T21:00:00Z"), 1);
    assert_eq!(states("2021-11-16T21:00:00Z"), 0);
}
