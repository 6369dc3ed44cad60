//! How long clauses last.

use jiff::civil::Date;
use truceline_domain::ClauseId;

use super::fields::Fields;
use crate::when;

/// How long clauses last: renewed unless denounced in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The date from which it runs.
    pub starts: Date,
    /// Length of the first period.
    pub years: u32,
    /// Length of each further period; zero when it is not renewed.
    pub renew_years: u32,
    /// A denunciation counts for the end of a period when it is given this long before.
    pub notice_months: u32,
    /// The clauses it governs; empty for the whole agreement.
    pub governs: Vec<ClauseId>,
}

impl Term {
    /// Most periods looked at: 5,000 years of five.
    const MAX_PERIODS: u32 = 1_000;

    /// The date on which the term ends for good: the end of the first period for which a
    /// denunciation was given in time. `None` while it goes on being renewed.
    ///
    /// Each end is counted from the start, never from the end before, so that a term that starts on
    /// 29 February ends on 28 February of common years and on 29 February of leap years.
    #[must_use]
    pub fn ends(&self, denunciations: impl Iterator<Item = Date> + Clone) -> Option<Date> {
        let mut years = self.years;
        for _ in 0..Self::MAX_PERIODS {
            let end = when::shifted(self.starts, i32::try_from(years).ok()?, 0)?;
            let last_day = when::shifted(end, 0, -i32::try_from(self.notice_months).ok()?)?;
            if self.renew_years == 0 || denunciations.clone().any(|given| given <= last_day) {
                return Some(end);
            }
            years = years.checked_add(self.renew_years)?;
        }
        None
    }
}

pub(super) fn read(f: &mut Fields<'_>) -> Option<Term> {
    let starts = f.required_date("starts");
    for key in ["years", "renew_years", "notice_months"] {
        if !f.has(key) {
            f.error(
                key,
                format!("no `{key}`"),
                "years, renew_years and notice_months",
            );
        }
    }
    let years = f.whole("years", 1, 1_000);
    let renew_years = f.whole("renew_years", 0, 1_000);
    let notice_months = f.whole("notice_months", 0, 1_200);
    let governs = f.list::<ClauseId>("governs").unwrap_or_default();
    Some(Term {
        starts: starts?,
        years: years?,
        renew_years: renew_years?,
        notice_months: notice_months?,
        governs,
    })
}
