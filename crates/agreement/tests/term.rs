//! How long clauses last: renewal, notice, leap years, zones.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use truceline_agreement::document::Term;
use truceline_agreement::when::{Offset, end, start};

fn term(starts: Date, years: u32, notice_months: u32) -> Term {
    Term {
        starts,
        years,
        renew_years: years,
        notice_months,
        governs: vec![],
    }
}

#[test]
fn five_years_renewed_unless_denounced_six_months_before() {
    let term = term(date(2020, 11, 10), 5, 6);
    let ends = |given: &[Date]| term.ends(given.iter().copied());
    assert_eq!(ends(&[]), None);
    assert_eq!(ends(&[date(2025, 5, 10)]), Some(date(2025, 11, 10)));
    // A day late counts for the period after.
    assert_eq!(ends(&[date(2025, 5, 11)]), Some(date(2030, 11, 10)));
    assert_eq!(
        ends(&[date(2031, 1, 1), date(2024, 1, 1)]),
        Some(date(2025, 11, 10))
    );
    let once = Term {
        renew_years: 0,
        ..term.clone()
    };
    assert_eq!(once.ends(std::iter::empty()), Some(date(2025, 11, 10)));
}

#[test]
fn a_leap_day_is_counted_from_the_start_each_time() {
    let one = term(date(2020, 2, 29), 1, 0);
    let given = |day| one.ends(std::iter::once(day));
    assert_eq!(given(date(2021, 2, 28)), Some(date(2021, 2, 28)));
    assert_eq!(given(date(2021, 3, 1)), Some(date(2022, 2, 28)));
    // The fourth anniversary is a 29th again, not the 28th it was clipped to between.
    assert_eq!(given(date(2024, 2, 29)), Some(date(2024, 2, 29)));
    // Six months before 31 August is the last of February.
    let august = term(date(2019, 8, 31), 1, 6);
    let given = |day| august.ends(std::iter::once(day));
    assert_eq!(given(date(2020, 2, 29)), Some(date(2020, 8, 31)));
    assert_eq!(given(date(2020, 3, 1)), Some(date(2021, 8, 31)));
}

#[test]
fn a_day_begins_and_ends_in_the_zone_of_its_document() {
    let moscow = Offset::parse("+03:00").unwrap();
    let text = |at: Option<truceline_domain::Observed>| at.unwrap().to_string();
    assert_eq!(
        text(start("2020-11-10", moscow)),
        "2020-11-09T21:00:00.000000Z"
    );
    assert_eq!(
        text(end("2020-02-28", moscow)),
        "2020-02-28T21:00:00.000000Z"
    );
    assert_eq!(
        text(end("2020-12-31", moscow)),
        "2020-12-31T21:00:00.000000Z"
    );
    assert_eq!(start("2021-02-29", moscow), None);
    assert_eq!(start("2020-11-10T00:00:00", moscow), None);
    assert_eq!(end("9999-12-31", moscow), None);
    for bad in ["", "+3:00", "+03:60", "+15:00", "MSK", "03:00", "+03:00 "] {
        assert_eq!(Offset::parse(bad), None, "{bad:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_end_is_a_whole_number_of_periods_and_after_the_notice(
        year in 1990_i16..2100, day in 0_i64..366, years in 1_u32..30, notice in 0_u32..24,
        given in 0_i64..36_500,
    ) {
        let starts = date(year, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let given = starts.checked_add(jiff::Span::new().days(given)).unwrap();
        let term = term(starts, years, notice);
        if let Some(end) = term.ends(std::iter::once(given)) {
            let passed = i64::from(end.year() - starts.year());
            prop_assert_eq!(passed % i64::from(years), 0);
            let last = end.checked_sub(jiff::Span::new().months(notice)).unwrap();
            prop_assert!(given <= last);
            // One more denunciation never makes it last longer.
            let earlier = term.ends([given, starts].into_iter()).unwrap();
            prop_assert!(earlier <= end);
        }
    }

    #[test]
    fn an_offset_reads_as_it_is_written(minutes in -840_i32..=840) {
        let sign = if minutes < 0 { '-' } else { '+' };
        let written = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
        let offset = Offset::parse(&written).unwrap();
        prop_assert_eq!(Offset::parse(&offset.to_string()), Some(offset));
        let day = date(2024, 2, 29);
        prop_assert_eq!(offset.date_of(offset.midnight(day).unwrap()), day);
    }
}
