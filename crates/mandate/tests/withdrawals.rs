//! Withdrawals: what is said, what is seen, what is watched.

use crate::common::{at, by, documents, state};
use truceline_agreement::Documents;
use truceline_domain::{Observed, PartyId};
use truceline_mandate::withdrawals::{Ground, Report, Reports, Says, Seen, State};

fn valley(swapped: bool) -> Documents {
    let bound = if swapped { "b" } else { "a" };
    documents(&[format!(
        r#"```agreement
id = "truce"
theatre = "valley"
title = "A truce"
signed = 2020-11-09
timezone = "+03:00"
from = 2020-11-10T00:00:00+03:00
parties = [ {{ id = "a", name = "A" }}, {{ id = "b", name = "B" }} ]
```
```clause
id = "6"
kind = "withdrawal"
summary = "They leave."
bound = ["{bound}"]
area = "district"
by = 2020-11-15
```
```amendment
id = "moved"
clause = "6"
agreed = 2020-11-15
by = 2020-11-25
```
"#
    )])
}

/// Ground of which so much is watched, and somebody is seen at an instant.
struct Told(f64, Option<&'static str>);

impl Ground for Told {
    fn seen(&self, area: &str, bound: &[PartyId], from: Observed, until: Observed) -> Vec<Seen> {
        assert_eq!((area, bound.len()), ("district", 1));
        let seen = self.1.map(at).filter(|t| (from..=until).contains(t));
        seen.map(|at| Seen {
            at,
            what: "vehicle".into(),
            id: "o1".into(),
        })
        .into_iter()
        .collect()
    }
    fn watched_share(&self, _: &str, _: Observed, _: Observed) -> f64 {
        self.0
    }
}

fn state_at(reports: &[(&str, Says)], ground: &Told, instant: &str) -> State {
    let mut states = Vec::new();
    for swapped in [false, true] {
        let documents = valley(swapped);
        let mut all = Reports::default();
        for (n, (time, says)) in (0..).zip(reports) {
            let report = Report {
                clause: "6".into(),
                says: *says,
                at: at(time),
                text: None,
            };
            let sending = [state("north"), state("south")];
            let recorded = at("2021-01-01T00:00:00Z");
            all.take(n, recorded, &report, &by(&["north"]), &sending, &documents)
                .unwrap();
        }
        let found = all.at(at(instant), &documents, ground);
        assert_eq!(found.len(), 1);
        states.push(found[0].state);
    }
    assert_eq!(states[0], states[1], "whoever is bound");
    states[0]
}

#[test]
fn the_deadline_that_counts_is_the_one_agreed_by_then() {
    let none = Told(0.0, None);
    let documents = valley(false);
    let at_ = |instant| {
        Reports::default()
            .at(at(instant), &documents, &none)
            .remove(0)
    };
    let before = at_("2020-11-14T12:00:00Z");
    assert_eq!(before.deadlines.len(), 1);
    assert_eq!(before.state, State::NotBegun);
    let moved = at_("2020-11-16T12:00:00Z");
    assert_eq!(moved.deadlines.len(), 2);
    assert!(!moved.deadline_passed);
    assert_eq!(at_("2020-11-25T20:59:59Z").state, State::NotBegun);
    assert_eq!(at_("2020-11-25T21:00:00Z").state, State::Overdue);
}

#[test]
fn withdrawn_needs_the_area_watched() {
    let left = [
        ("2020-11-20T00:00:00Z", Says::Begun),
        ("2020-11-24T00:00:00Z", Says::Left),
    ];
    let late = "2020-11-26T00:00:00Z";
    assert_eq!(
        state_at(&left[..1], &Told(0.0, None), "2020-11-21T00:00:00Z"),
        State::UnderWay
    );
    assert_eq!(
        state_at(&left, &Told(0.0, None), late),
        State::ReportedNotVerified
    );
    assert_eq!(
        state_at(&left, &Told(0.89, None), late),
        State::ReportedNotVerified
    );
    assert_eq!(state_at(&left, &Told(0.9, None), late), State::Verified);
    // Seen there after it was said to be left; and before, which does not matter.
    assert_eq!(
        state_at(
            &left,
            &Told(1.0, Some("2020-11-24T12:00:00Z")),
            "2020-11-25T00:00:00Z"
        ),
        State::UnderWay
    );
    assert_eq!(
        state_at(&left, &Told(1.0, Some("2020-11-24T12:00:00Z")), late),
        State::Overdue
    );
    assert_eq!(
        state_at(&left, &Told(1.0, Some("2020-11-23T12:00:00Z")), late),
        State::Verified
    );
    // Nobody said so, but the ground is seen to be empty after the deadline.
    assert_eq!(state_at(&[], &Told(1.0, None), late), State::Left);
    assert_eq!(state_at(&[], &Told(0.5, None), late), State::Overdue);
    // A patrol says they are there.
    let there = [left[1], ("2020-11-24T18:00:00Z", Says::Present)];
    assert_eq!(
        state_at(&there, &Told(1.0, None), "2020-11-25T00:00:00Z"),
        State::UnderWay
    );
}

#[test]
fn a_report_by_a_stranger_of_nowhere_or_of_tomorrow_is_refused() {
    let documents = valley(false);
    let sending = [state("north"), state("south")];
    let mut reports = Reports::default();
    let now = at("2020-11-20T00:00:00Z");
    let report = |clause: &str, time| Report {
        clause: clause.into(),
        says: Says::Left,
        at: at(time),
        text: None,
    };
    let mut take = |report: Report, signer| {
        let taken = reports.take(1, now, &report, &by(&[signer]), &sending, &documents);
        taken.map_err(|refusal| refusal.to_string())
    };
    let early = "2020-11-19T00:00:00Z";
    assert!(
        take(report("6", early), "host")
            .unwrap_err()
            .contains("an officer of a sending state")
    );
    assert!(
        take(report("7", early), "north")
            .unwrap_err()
            .contains("one of 6")
    );
    assert!(
        take(report("6", "2020-11-21T00:00:00Z"), "south")
            .unwrap_err()
            .contains("to come")
    );
    take(report("6", early), "south").unwrap();
}
