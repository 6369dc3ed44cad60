//! Talks: what both sides have agreed becomes the draft, and nothing else.

use crate::common::{at, by, procedures, state};
use jiff::civil::date;
use truceline_domain::PartyId;
use truceline_mandate::talks::redline::{Change, redline};
use truceline_mandate::talks::{Statement, Status, Talks, table, words_sha256};

fn sending() -> [PartyId; 2] {
    [state("north"), state("south")]
}

fn take(talks: &mut Talks, statement: Statement, signers: &[&str]) -> Result<(), String> {
    let before = talks.clone();
    let taken = talks.take(
        at("2021-01-01T00:00:00Z"),
        &statement,
        &by(signers),
        &sending(),
    );
    if taken.is_err() {
        assert_eq!(*talks, before, "refused, and changed");
    }
    taken.map_err(|refusal| refusal.to_string())
}

fn point(name: &str, clause: &str) -> Statement {
    Statement::Point {
        point: name.into(),
        clause: clause.into(),
        about: "hours <b>".into(),
    }
}

fn position(name: &str, of: &str, words: Option<&str>) -> Statement {
    Statement::Position {
        point: name.into(),
        state: state(of),
        words: words.map(str::to_owned),
        note: None,
    }
}

fn initial(name: &str, of: &str, words: Option<&str>, ad_referendum: bool) -> Statement {
    Statement::Initial {
        point: name.into(),
        state: state(of),
        sha256: words_sha256(words),
        ad_referendum,
    }
}

fn status(talks: &Talks, name: &str) -> Status {
    talks
        .points
        .iter()
        .find(|p| p.point == name)
        .unwrap()
        .status()
}

#[test]
fn only_the_same_words_initialled_by_both_become_the_draft() {
    for (a, b) in [("north", "south"), ("south", "north")] {
        let mut talks = Talks::default();
        let base = format!(
            "{}\n1. One.\n2. Two.\n",
            procedures(1, "2021-01-30", "host")
        );
        take(&mut talks, point("hours", "1"), &[a]).unwrap();
        take(&mut talks, point("gone", "2"), &[b]).unwrap();
        take(&mut talks, point("title", "field.title"), &[b]).unwrap();
        let words = Some("1. One, by day.");
        take(&mut talks, position("hours", a, words), &[a]).unwrap();
        assert!(
            take(&mut talks, initial("hours", a, words, false), &[a])
                .unwrap_err()
                .contains("different words")
        );
        take(
            &mut talks,
            position("hours", b, Some("1. One, by night.")),
            &[b],
        )
        .unwrap();
        assert!(take(&mut talks, initial("hours", a, words, false), &[a]).is_err());
        take(&mut talks, position("hours", b, words), &[b]).unwrap();
        take(&mut talks, initial("hours", a, words, false), &[a]).unwrap();
        assert_eq!(status(&talks, "hours"), Status::Open, "one has initialled");
        assert!(talks.agreed().is_empty());
        take(&mut talks, initial("hours", b, words, true), &[b]).unwrap();
        assert_eq!(status(&talks, "hours"), Status::AdReferendum);
        assert!(talks.agreed().is_empty(), "a capital has not confirmed");
        take(&mut talks, initial("hours", b, words, false), &[b]).unwrap();
        assert_eq!(status(&talks, "hours"), Status::Agreed);
        // That there be no clause is words too.
        for side in [a, b] {
            take(&mut talks, position("gone", side, None), &[side]).unwrap();
        }
        for side in [a, b] {
            take(&mut talks, initial("gone", side, None, false), &[side]).unwrap();
        }
        // Only one side wants another title.
        take(
            &mut talks,
            position("title", a, Some("title = \"Other\"")),
            &[a],
        )
        .unwrap();

        let draft = talks.draft(&base, 2, date(2021, 6, 1), date(2021, 5, 1));
        let told: Vec<_> = redline(&base, &draft)
            .into_iter()
            .map(|d| (d.clause, d.change))
            .collect();
        let expected = [
            ("field.version", Change::Changed),
            ("field.drafted", Change::Changed),
            ("field.from", Change::Changed),
            ("1", Change::Changed),
            ("2", Change::Removed),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(k, c)| ((*k).to_owned(), *c))
            .collect();
        assert_eq!(told, expected);
        let read = crate::common::documents(&[draft]);
        assert_eq!(read.procedures[0].version, 2);
        // New words are nobody's initials.
        take(
            &mut talks,
            position("hours", a, Some("1. One at dawn.")),
            &[a],
        )
        .unwrap();
        assert_eq!(status(&talks, "hours"), Status::Open);
    }
}

#[test]
fn who_speaks_for_whom_and_what_is_refused() {
    let mut talks = Talks::default();
    take(&mut talks, point("hours", "1"), &["north"]).unwrap();
    for (statement, signers, words) in [
        (point("again", "1"), &["north"][..], "one point a clause"),
        (point("x", "clause 1"), &["north"], "a paragraph's number"),
        (point("x", "3"), &["host"], "a key of a sending state"),
        (
            position("hours", "north", Some("1. A.")),
            &["south"],
            "not signed by an officer of north",
        ),
        (
            position("hours", "host", Some("1. A.")),
            &["host"],
            "of north or south",
        ),
        (
            position("nothing", "north", Some("1. A.")),
            &["north"],
            "one of hours",
        ),
        (
            position("hours", "north", Some("2. A.")),
            &["north"],
            "begins with 1.",
        ),
        (
            position("hours", "north", Some("1. A.\n2. And another.")),
            &["north"],
            "nothing else",
        ),
        (
            position("hours", "north", Some("1. A.\n```approval\nhost = 1\n```")),
            &["north"],
            "nothing else",
        ),
        (
            Statement::Refer {
                point: "hours".into(),
            },
            &["north"],
            "no key of south",
        ),
        (
            initial("hours", "north", None, false),
            &["north"],
            "different words",
        ),
    ] {
        let told = take(&mut talks, statement.clone(), signers).unwrap_err();
        assert!(told.contains(words), "{statement:?}: {told}");
    }
    let round = |round, day, minutes: Option<&str>| Statement::Round {
        round,
        place: "here".into(),
        date: day,
        agenda: vec!["hours".into()],
        minutes: minutes.map(str::to_owned),
    };
    take(&mut talks, round(1, date(2021, 1, 5), None), &["north"]).unwrap();
    take(
        &mut talks,
        round(1, date(2021, 1, 5), Some("said")),
        &["south"],
    )
    .unwrap();
    assert!(
        take(
            &mut talks,
            round(1, date(2021, 1, 5), Some("other")),
            &["south"]
        )
        .is_err()
    );
    assert!(take(&mut talks, round(2, date(2021, 1, 4), None), &["south"]).is_err());
    take(
        &mut talks,
        Statement::Refer {
            point: "hours".into(),
        },
        &["north", "south"],
    )
    .unwrap();
    assert_eq!(status(&talks, "hours"), Status::Referred);
}

#[test]
fn the_table_is_in_the_theatres_languages_and_carries_no_script() {
    let mut talks = Talks::default();
    take(&mut talks, point("hours", "1"), &["north"]).unwrap();
    let words = Some("1. One <script>alert(1)</script> by day.");
    take(&mut talks, position("hours", "north", words), &["north"]).unwrap();
    let base = |key: &str| (key == "1").then(|| "1. One by day.".to_owned());
    for language in table::languages() {
        let page = table::page(&talks, &sending(), &base, language).unwrap();
        assert!(page.contains(&format!("lang=\"{language}\"")));
        assert!(
            !page.contains("<script>") && page.contains("&lt;b&gt;"),
            "{page}"
        );
        assert!(page.contains("<ins>"), "{page}");
    }
    assert!(
        table::page(&talks, &sending(), &base, "ar")
            .unwrap()
            .contains("dir=\"rtl\"")
    );
    assert!(table::page(&talks, &sending(), &base, "xx").is_none());
}
