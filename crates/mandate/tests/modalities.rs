//! The procedures' way: who may take which step, over which text, in which order.

use crate::common::{at, by, documents, procedures};
use proptest::prelude::*;
use truceline_agreement::Documents;
use truceline_domain::{Observed, Sha256};
use truceline_mandate::modalities::{Modalities, State, Statement, Step};

struct Way {
    modalities: Modalities,
    texts: Documents,
    n: u64,
}

impl Way {
    fn new(texts: &[String]) -> Self {
        let texts = documents(texts);
        let mut modalities = Modalities::default();
        texts.procedures.iter().for_each(|p| modalities.enter(p));
        Self {
            modalities,
            texts,
            n: 0,
        }
    }

    fn text(&self, version: u32) -> Sha256 {
        let mut all = self.texts.procedures.iter();
        all.find(|p| p.version == version).unwrap().text_sha256
    }

    fn step(&mut self, version: u32, step: Step, signers: &[&str]) -> Result<(), String> {
        let text_sha256 = self.text(version);
        self.step_on(version, text_sha256, step, signers)
    }

    fn step_on(
        &mut self,
        version: u32,
        text_sha256: Sha256,
        step: Step,
        signers: &[&str],
    ) -> Result<(), String> {
        self.n += 1;
        let when = at("2021-01-20T00:00:00Z").plus_seconds(self.n as f64 * 3600.0);
        let before = self.modalities.clone();
        let statement = Statement {
            version,
            text_sha256,
            step,
        };
        let taken = self.modalities.take(self.n, when, &statement, &by(signers));
        if taken.is_err() {
            assert_eq!(self.modalities, before, "refused, and changed");
        }
        taken.map_err(|refusal| refusal.to_string())
    }

    fn approved(mut self, version: u32, from: &str) -> Self {
        self.step(version, Step::Agree, &["north"]).unwrap();
        self.step(version, Step::Agree, &["south"]).unwrap();
        self.step(version, Step::Submit, &["south"]).unwrap();
        self.step(version, approve(from), &["host"]).unwrap();
        self
    }

    fn in_force(&self, instant: &str) -> Option<u32> {
        self.modalities.in_force(at(instant)).map(|v| v.version)
    }
}

fn approve(from: &str) -> Step {
    Step::Approve {
        from: at(from),
        reference: None,
    }
}

fn one() -> Way {
    Way::new(&[procedures(1, "2021-01-30", "host")])
}

#[test]
fn in_force_only_when_two_have_agreed_and_the_host_has_approved() {
    for (a, b) in [("north", "south"), ("south", "north")] {
        let mut way = one();
        let why = |way: &Way| way.modalities.why_not(at("2021-03-01T00:00:00Z"));
        assert!(why(&way).unwrap().contains("version 1 is a draft"));
        way.step(1, Step::Agree, &[a]).unwrap();
        assert!(why(&way).unwrap().contains(&format!("only {a} has agreed")));
        assert!(
            way.step(1, Step::Submit, &[a])
                .unwrap_err()
                .contains("cannot submit")
        );
        assert!(
            way.step(1, Step::Agree, &[a])
                .unwrap_err()
                .contains("has agreed already")
        );
        way.step(1, Step::Agree, &[b]).unwrap();
        assert!(
            way.step(1, approve("2021-01-30T00:00:00Z"), &["host"])
                .is_err(),
            "not submitted"
        );
        way.step(1, Step::Submit, &[a]).unwrap();
        assert!(why(&way).unwrap().contains("the host has not decided"));
        way.step(1, approve("2021-02-10T00:00:00Z"), &["host"])
            .unwrap();
        assert_eq!(why(&way), None);
        assert_eq!(way.in_force("2021-02-09T23:59:59Z"), None);
        assert_eq!(way.in_force("2021-02-10T00:00:00Z"), Some(1));
    }
}

#[test]
fn never_before_the_date_that_all_three_signed() {
    let way = one().approved(1, "2020-01-01T00:00:00Z");
    assert_eq!(way.in_force("2021-01-29T19:59:59Z"), None);
    assert_eq!(way.in_force("2021-01-29T20:00:00Z"), Some(1));
}

#[test]
fn the_wrong_role_the_wrong_text_and_the_wrong_order_are_refused() {
    let mut way = one();
    for (step, signers, words) in [
        (Step::Agree, &["host"][..], "an officer of north and south"),
        (
            Step::Agree,
            &["north", "host"],
            "the host decides after them",
        ),
        (Step::Agree, &["east"], "signed by officer-east of east"),
        (Step::Draft, &["host"], "an officer of north and south"),
        (
            approve("2021-01-30T00:00:00Z"),
            &["north"],
            "an official of the host",
        ),
        (
            Step::Return {
                remarks: "x".into(),
            },
            &["host"],
            "cannot return",
        ),
        (
            Step::Suspend { why: "x".into() },
            &["host"],
            "cannot suspend",
        ),
        (Step::Resume { why: "x".into() }, &["host"], "cannot resume"),
    ] {
        let told = way.step(1, step.clone(), signers).unwrap_err();
        assert!(told.contains(words), "{step:?}: {told}");
    }
    let other = Sha256::of(b"another text");
    let told = way.step_on(1, other, Step::Agree, &["north"]).unwrap_err();
    assert!(told.contains("another text"), "{told}");
    let mut way = one();
    way.step(1, Step::Agree, &["north", "south"]).unwrap();
    way.step(1, Step::Submit, &["north"]).unwrap();
    let told = way
        .step_on(1, other, approve("2021-01-30T00:00:00Z"), &["host"])
        .unwrap_err();
    assert!(told.contains("another text"), "{told}");
    let told = way
        .step(1, approve("2021-01-30T00:00:00Z"), &["north", "south"])
        .unwrap_err();
    assert!(told.contains("an official of the host"), "{told}");
    assert!(
        way.step(
            1,
            Step::Return {
                remarks: " ".into()
            },
            &["host"]
        )
        .is_err()
    );
    way.step(
        1,
        Step::Return {
            remarks: "hours".into(),
        },
        &["host"],
    )
    .unwrap();
    assert!(
        way.step(1, Step::Submit, &["north"])
            .unwrap_err()
            .contains("returned by the host: hours")
    );
}

#[test]
fn a_draft_that_names_another_host_cannot_be_agreed() {
    let mut way = Way::new(&[
        procedures(1, "2021-01-30", "host"),
        procedures(2, "2021-02-30".replace("30", "28").as_str(), "other"),
    ]);
    let told = way.step(2, Step::Agree, &["north"]).unwrap_err();
    assert!(
        told.contains("names other states or another host"),
        "{told}"
    );
}

#[test]
fn what_the_host_changed_needs_the_two_again() {
    let mut way = Way::new(&[
        procedures(1, "2021-01-30", "host"),
        procedures(2, "2021-02-01", "host"),
    ]);
    way.step(1, Step::Agree, &["north", "south"]).unwrap();
    way.step(1, Step::Submit, &["north"]).unwrap();
    let change = |sha| Step::ApproveWithChanges {
        from: at("2021-02-01T00:00:00Z"),
        remarks: "hours of flight".into(),
        changed_version: 2,
        changed_sha256: sha,
    };
    assert!(
        way.step(1, change(Sha256::of(b"x")), &["host"])
            .unwrap_err()
            .contains("another text")
    );
    way.step(1, change(way.text(2)), &["host"]).unwrap();
    assert_eq!(way.in_force("2021-03-01T00:00:00Z"), None);
    assert!(
        way.step(1, Step::Agree, &["north"]).is_err(),
        "the first text is gone"
    );
    way.step(2, Step::Agree, &["south"]).unwrap();
    assert_eq!(way.in_force("2021-03-01T00:00:00Z"), None);
    way.step(2, Step::Agree, &["north"]).unwrap();
    assert_eq!(way.in_force("2021-03-01T00:00:00Z"), Some(2));
}

#[test]
fn what_happened_under_an_older_version_is_judged_by_that_version() {
    let way = Way::new(&[
        procedures(1, "2021-01-30", "host"),
        procedures(2, "2021-03-01", "host"),
    ])
    .approved(1, "2021-01-30T00:00:00Z")
    .approved(2, "2021-03-01T00:00:00Z");
    assert_eq!(way.in_force("2021-02-28T12:00:00Z"), Some(1));
    assert_eq!(way.in_force("2021-03-01T12:00:00Z"), Some(2));
    let first = way.modalities.versions().next().unwrap();
    let standing = first.standing_at(at("2021-03-02T00:00:00Z"), &way.modalities);
    assert_eq!(standing, "superseded by version 2");
    // A third that would begin before the second is refused.
    let mut way = Way::new(&[
        procedures(1, "2021-01-30", "host"),
        procedures(2, "2021-01-15", "host"),
    ])
    .approved(1, "2021-01-30T00:00:00Z");
    way.step(2, Step::Agree, &["north", "south"]).unwrap();
    way.step(2, Step::Submit, &["north"]).unwrap();
    assert!(
        way.step(2, approve("2021-01-20T00:00:00Z"), &["host"])
            .unwrap_err()
            .contains("later")
    );
}

#[test]
fn suspended_from_the_entry_on_and_by_whom_it_may_be() {
    let base = || one().approved(1, "2021-01-01T00:00:00Z");
    let why = || "an incident".to_owned();
    let mut way = base();
    assert!(
        way.step(1, Step::Suspend { why: why() }, &["north"])
            .unwrap_err()
            .contains("no key of south")
    );
    way.step(1, Step::Suspend { why: why() }, &["host"])
        .unwrap();
    let suspended = way.n;
    assert!(matches!(
        way.modalities.versions().next().unwrap().state,
        State::Suspended { .. }
    ));
    // In force from 30 January; suspended before: never in force until resumed.
    assert_eq!(way.in_force("2021-03-01T00:00:00Z"), None);
    assert!(
        way.step(1, Step::Resume { why: why() }, &["north", "south"])
            .unwrap_err()
            .contains("who suspended it")
    );
    way.step(1, Step::Resume { why: why() }, &["host"]).unwrap();
    assert_eq!(way.in_force("2021-03-01T00:00:00Z"), Some(1));
    assert!(suspended < way.n);
    let mut way = base();
    way.step(1, Step::Suspend { why: why() }, &["north", "south"])
        .unwrap();
    assert!(way.step(1, Step::Resume { why: why() }, &["host"]).is_err());
    way.step(1, Step::Resume { why: why() }, &["south", "north"])
        .unwrap();
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Draft),
        Just(Step::Agree),
        Just(Step::Submit),
        Just(Step::Approve {
            from: at("2021-01-30T00:00:00Z"),
            reference: None
        }),
        Just(Step::Return {
            remarks: "r".into()
        }),
        Just(Step::Suspend { why: "w".into() }),
        Just(Step::Resume { why: "w".into() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is tried, in any order by anybody: in force means that both have agreed and the host
    /// has approved.
    #[test]
    fn nothing_comes_into_force_without_the_three(
        tried in proptest::collection::vec(
            (any_step(), proptest::sample::subsequence(vec!["north", "south", "host", "east"], 1..3)),
            0..40,
        ),
    ) {
        let mut way = one();
        for (step, signers) in tried {
            let _maybe = way.step(1, step, &signers);
            let version = way.modalities.versions().next().unwrap();
            let took = |word: &str, state: &str| version.steps.iter().any(|s| {
                s.step.word() == word && s.by.iter().any(|b| b.state.as_str() == state)
            });
            if way.in_force("2031-01-01T00:00:00Z").is_some() {
                prop_assert!(took("agree", "north") && took("agree", "south") && took("approve", "host"));
            }
            let instant: Observed = at("2021-01-29T00:00:00Z");
            prop_assert!(way.modalities.in_force(instant).is_none());
        }
    }
}
