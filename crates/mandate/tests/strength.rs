//! Strength against ceilings: what is refused, on which day, and who may override.

use crate::common::{authorisation, by, documents, state};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use truceline_agreement::Documents;
use truceline_mandate::strength::{Deploy, Ledger, Statement};

const FIELDS: &str = "from = 2020-01-01\nterm_months = 12\nnotice_days = 30\npersons = 60\nvehicles = 12\n\
                      weapons = [{ class = \"rifle\", count = 40 }]";

static VALLEY: std::sync::LazyLock<Documents> = std::sync::LazyLock::new(|| {
    documents(&[
        authorisation("n1", "north", FIELDS),
        authorisation("s1", "south", FIELDS),
    ])
});

fn valley() -> &'static Documents {
    &VALLEY
}

fn deploy(name: &str, of: &str, count: u32, from: Date, until: Date) -> Deploy {
    Deploy {
        deployment: name.to_owned(),
        state: state(of),
        authorisation: format!("{}1", &of[..1]),
        category: "persons".to_owned(),
        count,
        site: "base".to_owned(),
        from,
        until: Some(until),
        relieves: None,
        override_why: None,
    }
}

fn take(ledger: &mut Ledger, deploy: Deploy, signers: &[&str]) -> Result<(), String> {
    let sending = [state("north"), state("south")];
    let statement = Statement::Deploy(deploy);
    let before = ledger.postings(valley());
    let taken = ledger.take(&statement, &by(signers), &sending, valley());
    if taken.is_err() {
        assert_eq!(ledger.postings(valley()), before, "refused, and changed");
    }
    taken.map_err(|refusal| refusal.to_string())
}

fn january(day: i8) -> Date {
    date(2020, 1, day)
}

#[test]
fn a_deployment_above_the_ceiling_is_refused_on_its_first_day_above() {
    for (a, b) in [("north", "south"), ("south", "north")] {
        let mut ledger = Ledger::default();
        take(
            &mut ledger,
            deploy("1", a, 40, january(1), january(20)),
            &[a],
        )
        .unwrap();
        take(
            &mut ledger,
            deploy("2", a, 20, january(10), january(12)),
            &[a],
        )
        .unwrap();
        let told = take(
            &mut ledger,
            deploy("3", a, 1, january(5), january(30)),
            &[a],
        )
        .unwrap_err();
        assert!(
            told.contains("61 persons on 2020-01-10; expected at most 60"),
            "{told}"
        );
        take(
            &mut ledger,
            deploy("4", a, 20, january(13), january(30)),
            &[a],
        )
        .unwrap();
        // The other state's ceiling is its own.
        take(
            &mut ledger,
            deploy("5", b, 60, january(1), january(30)),
            &[b],
        )
        .unwrap();
        let strength = |day| {
            let rows = ledger.on(day, valley());
            let of = rows
                .iter()
                .find(|r| r.state == state(a) && r.category == "persons");
            of.unwrap().strength
        };
        assert_eq!(
            (
                strength(january(9)),
                strength(january(12)),
                strength(january(20))
            ),
            (40, 60, 60)
        );
        assert_eq!((strength(january(21)), strength(january(31))), (20, 0));
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    let mut ledger = Ledger::default();
    let refused = |ledger: &mut Ledger, deploy: Deploy, words: &str| {
        let told = take(ledger, deploy, &["north"]).unwrap_err();
        assert!(told.contains(words), "{told}");
    };
    let good = deploy("1", "north", 10, january(5), january(9));
    refused(
        &mut ledger,
        Deploy {
            until: Some(january(4)),
            ..good.clone()
        },
        "before it begins",
    );
    refused(
        &mut ledger,
        Deploy {
            count: 0,
            ..good.clone()
        },
        "count above zero",
    );
    refused(
        &mut ledger,
        Deploy {
            state: state("south"),
            ..good.clone()
        },
        "whose authorisation it is",
    );
    refused(
        &mut ledger,
        Deploy {
            authorisation: "x".into(),
            ..good.clone()
        },
        "one of n1, s1",
    );
    refused(
        &mut ledger,
        Deploy {
            site: "field".into(),
            ..good.clone()
        },
        "one of base",
    );
    refused(
        &mut ledger,
        Deploy {
            category: "aircraft".into(),
            ..good.clone()
        },
        "at most 0",
    );
    refused(
        &mut ledger,
        Deploy {
            category: "weapon:mortar".into(),
            ..good.clone()
        },
        "at most 0",
    );
    refused(
        &mut ledger,
        Deploy {
            from: date(2019, 12, 31),
            ..good.clone()
        },
        "2020-01-01 or later",
    );
    refused(
        &mut ledger,
        Deploy {
            until: None,
            ..good.clone()
        },
        "without an end; expected at most until 2020-12-31",
    );
    refused(
        &mut ledger,
        Deploy {
            until: Some(date(2021, 1, 1)),
            ..good.clone()
        },
        "2020-12-31",
    );
    let told = take(&mut ledger, good.clone(), &["south"]).unwrap_err();
    assert!(told.contains("not signed by an officer of north"), "{told}");
    take(&mut ledger, good.clone(), &["north"]).unwrap();
    refused(&mut ledger, good, "another name");
}

#[test]
fn an_override_takes_both_keys_a_reason_and_something_to_override() {
    let mut ledger = Ledger::default();
    let why = Some("evacuation".to_owned());
    let above = Deploy {
        override_why: why.clone(),
        ..deploy("1", "north", 61, january(1), january(2))
    };
    let told = take(&mut ledger, above.clone(), &["north"]).unwrap_err();
    assert!(told.contains("without the key of south"), "{told}");
    let empty = Deploy {
        override_why: Some(" ".into()),
        ..above.clone()
    };
    assert!(
        take(&mut ledger, empty, &["north", "south"])
            .unwrap_err()
            .contains("reason")
    );
    let within = Deploy {
        count: 60,
        ..above.clone()
    };
    assert!(
        take(&mut ledger, within, &["north", "south"])
            .unwrap_err()
            .contains("of nothing")
    );
    take(&mut ledger, above, &["south", "north"]).unwrap();
    let rows = ledger.on(january(2), valley());
    let row = rows
        .iter()
        .find(|r| r.category == "persons" && r.strength > 0)
        .unwrap();
    assert!(row.is_over() && row.overridden);
}

#[test]
fn a_relief_ends_the_one_before_and_does_not_count_twice() {
    let mut ledger = Ledger::default();
    take(
        &mut ledger,
        deploy("old", "north", 60, january(1), january(31)),
        &["north"],
    )
    .unwrap();
    let relief = Deploy {
        relieves: Some("old".into()),
        ..deploy("new", "north", 60, january(15), date(2020, 6, 30))
    };
    let early = Deploy {
        from: january(1),
        ..relief.clone()
    };
    assert!(
        take(&mut ledger, early, &["north"])
            .unwrap_err()
            .contains("after its relief")
    );
    take(&mut ledger, relief, &["north"]).unwrap();
    let all = ledger.postings(valley());
    let old = all.iter().find(|p| p.deployment == "old").unwrap();
    assert_eq!(old.until, Some(january(14)));
    let sending = [state("north"), state("south")];
    let end = |on| Statement::End {
        deployment: "new".into(),
        on,
    };
    let mut late = ledger.clone();
    assert!(
        late.take(&end(january(14)), &by(&["north"]), &sending, valley())
            .is_err()
    );
    assert!(
        late.take(&end(january(20)), &by(&["south"]), &sending, valley())
            .is_err()
    );
    ledger
        .take(&end(january(20)), &by(&["north"]), &sending, valley())
        .unwrap();
    assert!(
        ledger
            .take(&end(january(21)), &by(&["north"]), &sending, valley())
            .is_err()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_taken_never_exceeds_a_ceiling(
        asked in proptest::collection::vec((0_i64..360, 0_i64..90, 1_u32..70), 1..30),
    ) {
        let mut ledger = Ledger::default();
        let day = |n: i64| january(1).checked_add(jiff::Span::new().days(n)).unwrap();
        for (n, (from, length, count)) in asked.into_iter().enumerate() {
            let deploy = deploy(&n.to_string(), "north", count, day(from), day(from + length));
            let _maybe = take(&mut ledger, deploy, &["north"]);
        }
        for n in 0..366 {
            for row in ledger.on(day(n), valley()) {
                prop_assert!(!row.is_over(), "{row:?}");
            }
        }
    }
}
