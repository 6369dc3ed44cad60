//! What runs out: renewal, notice, leap years, zones, and the days on which people are warned.

use crate::common::{at, authorisation, documents, state};
use truceline_agreement::Documents;
use truceline_mandate::deadlines::{self, What};

fn five_years(extra: &str) -> Documents {
    let fields = format!(
        "from = 2020-11-10\nterm_months = 60\nrenew_months = 60\nnotice_months = 6\npersons = 1\nvehicles = 0\n{extra}"
    );
    documents(&[authorisation("a", "north", &fields)])
}

fn told(instant: &str, documents: &Documents) -> Vec<(What, String, i64, Option<i64>)> {
    deadlines::at(at(instant), documents)
        .into_iter()
        .map(|d| (d.what, d.last_day.to_string(), d.days_left, d.warning_days))
        .collect()
}

#[test]
fn warned_is_ninety_thirty_and_seven_days_before() {
    let once = documents(&[authorisation(
        "a",
        "north",
        "from = 2020-02-29\nterm_months = 12\nnotice_days = 30\npersons = 1\nvehicles = 0",
    )]);
    // From 29 February, a year ends with 27 February: 28 February 2021 is its first day without.
    let day = "2021-02-27";
    for (instant, left, warning) in [
        ("2020-11-29T12:00:00Z", 90, 90),
        ("2021-01-27T12:00:00Z", 31, 90),
        ("2021-01-28T12:00:00Z", 30, 30),
        ("2021-02-19T12:00:00Z", 8, 30),
        ("2021-02-20T12:00:00Z", 7, 7),
        ("2021-02-27T20:59:59Z", 0, 7),
        // Midnight in the authorisation's own zone: it has run out.
        ("2021-02-27T21:00:00Z", -1, 0),
    ] {
        let all = told(instant, &once);
        assert!(
            all.contains(&(What::AuthorisationEnds, day.to_owned(), left, Some(warning))),
            "{instant}: {all:?}"
        );
    }
    assert_eq!(told("2020-10-20T12:00:00Z", &once), []);
    let notice = told("2021-01-20T12:00:00Z", &once);
    assert!(
        notice
            .iter()
            .any(|(what, day, ..)| *what == What::AuthorisationNotice && day == "2021-01-29"),
        "{notice:?}"
    );
}

#[test]
fn five_years_renew_themselves_unless_denounced_six_months_ahead() {
    let renewing = five_years("");
    let all = told("2025-04-10T12:00:00Z", &renewing);
    assert_eq!(
        all,
        [(What::AuthorisationNotice, "2025-05-10".into(), 30, Some(30))]
    );
    // The notice date has passed: it renews, and does not end.
    let all = told("2025-11-03T12:00:00Z", &renewing);
    assert_eq!(
        all,
        [(What::AuthorisationRenews, "2025-11-09".into(), 6, Some(7))]
    );
    assert_eq!(told("2025-11-11T12:00:00Z", &renewing), []);
    let state = state("north");
    assert_eq!(
        renewing
            .authorisations_at(&state, at("2031-01-01T00:00:00Z"))
            .count(),
        1
    );

    let denounced = five_years("denounced = 2025-05-10");
    let all = told("2025-11-03T12:00:00Z", &denounced);
    assert_eq!(
        all,
        [(What::AuthorisationEnds, "2025-11-09".into(), 6, Some(7))]
    );
    assert_eq!(
        denounced
            .authorisations_at(&state, at("2025-11-09T21:00:00Z"))
            .count(),
        0
    );
    assert_eq!(
        denounced
            .authorisations_at(&state, at("2025-11-09T20:59:59Z"))
            .count(),
        1
    );
    // A day late: it counts for the period after.
    let late = five_years("denounced = 2025-05-11");
    let all = told("2025-11-03T12:00:00Z", &late);
    assert_eq!(
        all,
        [(What::AuthorisationRenews, "2025-11-09".into(), 6, Some(7))]
    );
    assert_eq!(
        late.authorisations_at(&state, at("2030-11-09T21:00:00Z"))
            .count(),
        0
    );
}

#[test]
fn one_that_has_run_out_is_told_until_another_takes_its_place() {
    let first = authorisation(
        "a",
        "north",
        "from = 2020-01-01\nterm_months = 12\nnotice_days = 0\npersons = 1\nvehicles = 0",
    );
    let next = first
        .replace("\"a\"", "\"b\"")
        .replace("from = 2020", "from = 2021");
    let alone = documents(std::slice::from_ref(&first));
    let all = told("2021-06-01T00:00:00Z", &alone);
    assert_eq!(
        all,
        [(What::AuthorisationEnds, "2020-12-31".into(), -152, Some(0))]
    );
    assert_eq!(told("2021-06-01T00:00:00Z", &documents(&[first, next])), []);
}

#[test]
fn a_later_version_takes_the_place_and_a_contradiction_is_refused() {
    let fields = "from = 2020-01-01\nterm_months = 12\nnotice_days = 0\nvehicles = 0";
    let first = authorisation("a", "north", &format!("{fields}\npersons = 1"));
    let second = authorisation("a", "north", &format!("{fields}\npersons = 2\nversion = 2"));
    let both = documents(&[first.clone(), second.clone()]);
    let ceilings: Vec<_> = both
        .authorisations()
        .map(|a| a.ceiling("persons"))
        .collect();
    assert_eq!(ceilings, [2]);
    // Entered again whole, word for word: once.
    let whole = format!("{first}\n{second}");
    assert_eq!(documents(&[first.clone(), whole]).authorisations.len(), 2);
    let names = ["one.md", "two.md"];
    let other = second.replace("version = 2", "version = 1");
    let files: Vec<_> = names
        .iter()
        .zip([&first, &other])
        .map(|(name, text)| truceline_agreement::File::new(name, text.as_bytes()))
        .collect();
    let faults = Documents::parse(&files).unwrap_err().to_string();
    assert!(
        faults.contains("two.md:2: error: a second version 1 of \"a\""),
        "{faults}"
    );
}
