//! Violated, complied, not observed: over the smoke scenario's night.

use std::collections::BTreeMap;

use crate::common::*;
use truceline_agreement::{Documents, File};
use truceline_domain::{Compliance, Kept, Observation, Observed};
use truceline_engine::{compliance, covered, findings};

const AGREEMENT: &str = r#"
```agreement
id = "smoke"
theatre = "smoke"
title = "A ceasefire"
signed = 2026-01-01
timezone = "+00:00"
from = 2026-01-01
parties = [ { id = "az", name = "One" }, { id = "am", name = "Other" } ]
```
```clause
id = "1.fire"
kind = "ceasefire"
summary = "No fire."
bound = ["az", "am"]
violated_if = 'event.class == "firing"'
coverage = { kinds = ["acoustic", "flash", "video", "report"], min_share = 0.5, max_gap_min = 60 }
```
```clause
id = "2.works"
kind = "no-works"
summary = "No works."
bound = ["az", "am"]
violated_if = 'event.kind == "works"'
coverage = { kinds = ["video"], min_share = 0.5, max_gap_min = 60 }
```
```clause
id = "3.silent"
kind = "ceasefire"
summary = "No mortars; nothing said of what must be watched."
bound = ["az"]
violated_if = 'event.kind == "mortar"'
```
"#;

fn at(t: &str) -> Observed {
    t.parse().unwrap()
}

fn rows_of(agreement: &str, theatre_text: &str, observations: &[Observation]) -> Vec<Compliance> {
    let documents = Documents::parse(&[File::new("agreement.md", agreement.as_bytes())]).unwrap();
    let theatre = theatre(theatre_text);
    let judgement = judged(theatre_text, observations);
    let findings = findings(&documents, &theatre, observations, &judgement);
    let mut coverage = covered(&theatre, observations);
    let (from, until) = (at("2026-05-05T00:00:00Z"), at("2026-05-05T01:00:00Z"));
    compliance(&documents, &theatre, &mut coverage, &findings, from, until)
}

#[test]
fn what_happened_is_violated_and_what_was_watched_is_complied() {
    let rows = rows_of(AGREEMENT, THEATRE, &observations(OBSERVATIONS));
    let of = |clause: &str, kept: Kept| {
        rows.iter()
            .filter(|r| r.clause.as_str() == clause && r.kept == kept)
            .count()
    };
    assert!(of("1.fire", Kept::Violated) > 0);
    for row in &rows {
        assert!(row.from >= at("2026-05-05T00:00:00Z") && row.until <= at("2026-05-05T01:00:00Z"));
        match row.kept {
            Kept::Violated | Kept::Undetermined => assert!(!row.findings.is_empty()),
            Kept::Complied => {
                assert!(row.watched.get() >= 0.5 && row.longest_gap_s <= 3600.0);
                assert!(row.p_missed.unwrap().get() < 1.0 && row.findings.is_empty());
            }
            Kept::NotObserved => assert!(row.findings.is_empty()),
        }
    }
    // Each stretch once a party, a clause.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for r in &rows {
        *seen
            .entry(format!("{} {} {:?}", r.clause, r.party, r.along_m))
            .or_insert(0) += 1;
    }
    assert!(seen.values().all(|n| *n == 1));
}

#[test]
fn nothing_watched_is_nothing_complied_with() {
    for row in rows_of(AGREEMENT, THEATRE, &[]) {
        assert_eq!(row.kept, Kept::NotObserved, "{}", row.reason);
    }
    let rows = rows_of(AGREEMENT, THEATRE, &observations(OBSERVATIONS));
    // No camera watched for works, and a clause that asks for no watching is never complied with.
    for row in rows.iter().filter(|r| r.clause.as_str() != "1.fire") {
        assert_ne!(row.kept, Kept::Complied, "{}", row.reason);
    }
}

#[test]
fn less_watched_is_never_more_complied() {
    let all = observations(OBSERVATIONS);
    let half: Vec<Observation> = all.iter().step_by(3).cloned().collect();
    let complied = |rows: Vec<Compliance>| -> usize {
        rows.iter()
            .filter(|r| r.kept == Kept::Complied)
            .map(|_| 1)
            .sum()
    };
    // Of what was found, less is found too; so only stretches without any finding are counted.
    let whole = rows_of(AGREEMENT, THEATRE, &all);
    let found = whole.iter().filter(|r| !r.findings.is_empty()).count();
    assert!(complied(rows_of(AGREEMENT, THEATRE, &half)) <= complied(whole) + found);
}

#[test]
fn parties_swapped_are_rows_swapped() {
    let swap = |text: &str| {
        text.replace("\"az\"", "\"\u{1}\"")
            .replace("\"am\"", "\"az\"")
            .replace("\"\u{1}\"", "\"am\"")
    };
    let rows = rows_of(AGREEMENT, THEATRE, &observations(OBSERVATIONS));
    let mirror = rows_of(
        &swap(AGREEMENT),
        &swap(THEATRE),
        &observations(&swap(OBSERVATIONS)),
    );
    let key = |r: &Compliance, party: &str| {
        (
            r.clause.to_string(),
            party.to_owned(),
            format!("{:?}", r.along_m),
            r.kept,
            r.findings.clone(),
        )
    };
    let other = |party: &str| if party == "az" { "am" } else { "az" };
    let mut a: Vec<_> = rows.iter().map(|r| key(r, r.party.as_str())).collect();
    let mut b: Vec<_> = mirror
        .iter()
        .map(|r| key(r, other(r.party.as_str())))
        .collect();
    a.sort();
    b.sort();
    assert_eq!(a, b);
}
