//! How long clauses and authorisations last: periods that follow one another, renewed or not.

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
    /// Its periods.
    #[must_use]
    pub fn cycle(&self) -> Cycle {
        Cycle {
            starts: self.starts,
            first_months: self.years.saturating_mul(12),
            renew_months: self.renew_years.saturating_mul(12),
            notice: Notice::Months(self.notice_months),
        }
    }

    /// The date on which the term ends for good, as [`Cycle::ends`].
    #[must_use]
    pub fn ends(&self, denunciations: impl Iterator<Item = Date> + Clone) -> Option<Date> {
        self.cycle().ends(denunciations)
    }
}

/// How long before a period's end it must be denounced, so that no further one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Calendar months: six months before 31 August is the last of February.
    Months(u32),
    /// Days.
    Days(u32),
}

/// Periods that follow one another from one start.
///
/// Each end is counted from the start, never from the end before, so that a term that starts on
/// 29 February ends on 28 February of common years and on 29 February of leap years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// The date from which it runs.
    pub starts: Date,
    /// Length of the first period.
    pub first_months: u32,
    /// Length of each further period; zero when it is not renewed.
    pub renew_months: u32,
    /// How long before its end a period must be denounced.
    pub notice: Notice,
}

/// One period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first day.
    pub starts: Date,
    /// The day after its last.
    pub ends: Date,
    /// The last day on which a denunciation still counts for its end.
    pub notice_by: Date,
    /// Whether another follows unless it is denounced.
    pub renews: bool,
}

impl Cycle {
    /// Most periods looked at: 5,000 years of five.
    const MAX_PERIODS: usize = 1_000;

    /// The periods as they follow when nobody denounces, at most a thousand.
    pub fn periods(&self) -> impl Iterator<Item = Period> {
        let mut months = self.first_months;
        let mut starts = Some(self.starts);
        let cycle = *self;
        std::iter::from_fn(move || {
            let from = starts.take()?;
            let ends = when::shifted(cycle.starts, 0, i32::try_from(months).ok()?)?;
            let notice_by = match cycle.notice {
                Notice::Months(n) => when::shifted(ends, 0, -i32::try_from(n).ok()?)?,
                Notice::Days(n) => ends
                    .checked_sub(jiff::Span::new().days(i64::from(n)))
                    .ok()?,
            };
            let renews = cycle.renew_months > 0;
            months = months.saturating_add(cycle.renew_months);
            starts = renews.then_some(ends);
            Some(Period {
                starts: from,
                ends,
                notice_by,
                renews,
            })
        })
        .take(Self::MAX_PERIODS)
    }

    /// The day after the last: the end of the first period for which a denunciation was given in
    /// time, or of the only one. `None` while it goes on being renewed.
    #[must_use]
    pub fn ends(&self, denunciations: impl Iterator<Item = Date> + Clone) -> Option<Date> {
        let last =
            |p: &Period| !p.renews || denunciations.clone().any(|given| given <= p.notice_by);
        self.periods().find(last).map(|p| p.ends)
    }

    /// The period that holds on a day; `renews` is false when it was denounced in time. `None` before
    /// the first and after the last.
    #[must_use]
    pub fn period_on(
        &self,
        day: Date,
        denunciations: impl Iterator<Item = Date> + Clone,
    ) -> Option<Period> {
        for mut period in self.periods() {
            if denunciations.clone().any(|given| given <= period.notice_by) {
                period.renews = false;
            }
            if day < period.starts {
                return None;
            }
            if day < period.ends {
                return Some(period);
            }
            if !period.renews {
                return None;
            }
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
