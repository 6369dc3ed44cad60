//! Every statement in every language, and the figures in them.
#![allow(clippy::unwrap_used)] // A panic is a failed test.

use truceline_domain::{EventKind, SourceId, Verdict};

use super::*;

fn party() -> PartyId {
    PartyId::new("north").unwrap()
}

/// One statement of each sort; counts as given.
fn all(count: u32) -> Vec<Statement> {
    let (party, source) = (party(), SourceId::new("A07").unwrap());
    let (line_m, line_sd_m, kind) = (1234.4, 50.0, EventKind::Mortar);
    vec![
        Statement::Located {
            kind,
            arrivals: count,
            stations: count,
            sd_m: 31.6,
        },
        Statement::Kind {
            kind,
            p_kind: 0.99987,
            p_weapon: 0.0001,
        },
        Statement::Held {
            line_m,
            line_sd_m,
            party: party.clone(),
            p: 0.98,
        },
        Statement::NobodyHolds { line_m, line_sd_m },
        Statement::Round {
            kind,
            flight_s: 21.06,
            range_km: 1.52,
        },
        Statement::Announced,
        Statement::Moved {
            count,
            log_odds: -1.25,
        },
        Statement::Reported {
            count,
            log_odds: 0.5,
        },
        Statement::Burned { count },
        Statement::Named {
            party: party.clone(),
            p: 0.97,
        },
        Statement::NoViolation { p: 0.9 },
        Statement::Undetermined {
            party,
            p: 0.61,
            needed: 0.95,
        },
        Statement::For {
            source: source.clone(),
            log_odds: 2.0,
        },
        Statement::Against {
            source: source.clone(),
            log_odds: -2.0,
        },
        Statement::Without {
            source,
            verdict: Verdict::Undetermined,
        },
        Statement::Firm,
    ]
}

#[test]
fn every_file_is_read_without_a_slip_and_has_the_same_messages() {
    let keys = |language: Language| {
        let resource = FluentResource::try_new(TEXTS[language.number()].to_owned());
        let resource = resource.unwrap_or_else(|(_, e)| panic!("{language}: {e:?}"));
        let mut keys: Vec<String> = resource
            .entries()
            .filter_map(|e| match e {
                fluent_syntax::ast::Entry::Message(m) => Some(m.id.name.to_owned()),
                _ => None,
            })
            .collect();
        keys.sort();
        keys
    };
    for language in Language::ALL {
        assert_eq!(keys(language), keys(Language::En), "{language}");
    }
}

#[test]
fn every_statement_is_said_in_every_language_with_its_figures() {
    for language in Language::ALL {
        for count in [0, 1, 2, 3, 5, 11, 21, 22, 100] {
            let statements = all(count);
            let sentences = say(&statements, language, &|_| "Party <N>".to_owned());
            assert_eq!(sentences.len(), statements.len(), "{language}");
            for (statement, sentence) in statements.iter().zip(&sentences) {
                assert!(!sentence.contains('{'), "{language}: {sentence}");
                let json = serde_json::to_value(statement).unwrap();
                if json.get("party").is_some() {
                    assert!(sentence.contains("Party <N>"), "{language}: {sentence}");
                }
                if json.get("source").is_some() {
                    assert!(sentence.contains("A07"), "{language}: {sentence}");
                }
            }
        }
    }
}

#[test]
fn every_kind_and_verdict_has_its_word() {
    for language in Language::ALL {
        for kind in EventKind::ALL {
            assert!(
                message(language, &format!("kind-{kind}"), None).is_some(),
                "{language} {kind}"
            );
        }
        for word in ["none", "undetermined"] {
            assert!(message(language, &format!("verdict-{word}"), None).is_some());
        }
    }
}

#[test]
fn plurals_follow_the_language() {
    let said = |language, count| {
        let statement = [Statement::Burned { count }];
        say(&statement, language, &|p| p.to_string()).remove(0)
    };
    assert!(said(Language::En, 1).starts_with("One hotspot and"));
    assert!(said(Language::En, 3).starts_with("3 hotspots at"));
    assert!(said(Language::Ru, 21).starts_with("21 термоточка,"));
    assert!(said(Language::Ru, 3).starts_with("3 термоточки"));
    assert!(said(Language::Ru, 11).starts_with("11 термоточек"));
}

#[test]
fn a_probability_that_is_not_one_is_never_told_as_one() {
    let told = |p, language| figure("p", p, language);
    assert_eq!(told(0.99987, Language::En), "> 0.999");
    assert_eq!(told(0.0001, Language::Ru), "< 0,001");
    assert_eq!(told(1.0, Language::En), "1.000");
    assert_eq!(figure("log_odds", -2.04, Language::En), "\u{2212}2.0");
    assert_eq!(figure("sd_m", 31.6, Language::Hy), "32");
}

#[test]
fn an_unknown_language_is_refused_with_those_there_are() {
    let refused = "xx".parse::<Language>().unwrap_err();
    assert!(refused.contains("en, az, hy, ru, tr, ar"), "{refused}");
}
