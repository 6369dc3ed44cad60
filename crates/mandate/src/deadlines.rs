//! What runs out, and when it must be spoken of: authorisations, terms of agreements, the last days for
//! a notice. People are warned 90, 30 and 7 days before.

use jiff::civil::Date;
use serde::Serialize;
use truceline_agreement::Documents;
use truceline_agreement::document::{Agreement, Authorisation, Period};
use truceline_agreement::when::Offset;
use truceline_domain::{Observed, PartyId};

/// So many days before something runs out, people are warned.
pub const WARNED_DAYS: [i64; 3] = [7, 30, 90];

/// What a deadline is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// An authorisation ends.
    AuthorisationEnds,
    /// An authorisation is renewed, since nobody denounced it.
    AuthorisationRenews,
    /// The last day on which an authorisation can be denounced for its period's end.
    AuthorisationNotice,
    /// A term of an agreement ends.
    TermEnds,
    /// A term is renewed, since nobody denounced it.
    TermRenews,
    /// The last day on which a term can be denounced for its period's end.
    TermNotice,
    /// The procedures end.
    ProceduresEnd,
}

/// Something that runs out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Deadline {
    /// The last day on which it still holds, or on which it can still be done, in its own offset.
    pub last_day: Date,
    /// What.
    pub what: What,
    /// Of which document or authorisation.
    pub of: String,
    /// Whose; `None` when it is everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<PartyId>,
    /// The instant at which that day ends.
    pub ends: Observed,
    /// Days from the day asked about until the last day: 0 on the day itself, negative after it.
    pub days_left: i64,
    /// The warning that is due: 90, 30 or 7 days, 0 when it has run out; `None` when it is further off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning_days: Option<i64>,
}

impl Deadline {
    /// A sentence for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let of = &self.of;
        let what = match self.what {
            What::AuthorisationEnds => format!("the authorisation {of} ends"),
            What::AuthorisationRenews => format!("the authorisation {of} renews itself after"),
            What::AuthorisationNotice => format!("last day to denounce the authorisation {of}:"),
            What::TermEnds => format!("the term of {of} ends"),
            What::TermRenews => format!("the term of {of} renews itself after"),
            What::TermNotice => format!("last day to denounce the term of {of}:"),
            What::ProceduresEnd => format!("the procedures {of} end"),
        };
        let left = match self.days_left {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            n if n > 1 => format!("in {n} days"),
            n => format!("{} days ago", -n),
        };
        format!("{what} {}, {left}", self.last_day)
    }
}

/// What runs out within 90 days of an instant, or has run out with nothing in its place, soonest first.
#[must_use]
pub fn at(at: Observed, documents: &Documents) -> Vec<Deadline> {
    let mut all = Vec::new();
    for authorisation in documents.authorisations() {
        of_authorisation(at, authorisation, documents, &mut all);
    }
    for agreement in documents.agreements_at(at) {
        of_agreement(at, agreement, &mut all);
    }
    if let Some(procedures) = documents.procedures_at(at)
        && let Some(until) = procedures.until
    {
        let last = procedures.offset.date_of(until.plus_seconds(-1e-6));
        let of = format!("version {}", procedures.version);
        put(
            &mut all,
            at,
            procedures.offset,
            What::ProceduresEnd,
            &of,
            None,
            last,
        );
    }
    all.sort();
    all
}

fn of_authorisation(
    at: Observed,
    authorisation: &Authorisation,
    documents: &Documents,
    all: &mut Vec<Deadline>,
) {
    let (offset, id) = (authorisation.offset, &authorisation.id);
    let state = Some(&authorisation.state);
    let given = authorisation.denounced.into_iter();
    if let Some(period) = authorisation.cycle.period_on(offset.date_of(at), given) {
        let kinds = if period.renews {
            [What::AuthorisationRenews, What::AuthorisationNotice]
        } else {
            [What::AuthorisationEnds, What::AuthorisationNotice]
        };
        // A single period gives nothing to denounce but what is left of it: its notice date counts too.
        of_period(at, offset, kinds, id, state, &period, all);
        return;
    }
    let followed = documents
        .authorisations_at(&authorisation.state, at)
        .next()
        .is_some();
    if let Some(last) = authorisation.ends().and_then(|ends| ends.yesterday().ok())
        && last < offset.date_of(at)
        && !followed
    {
        put(all, at, offset, What::AuthorisationEnds, id, state, last);
    }
}

fn of_agreement(at: Observed, agreement: &Agreement, all: &mut Vec<Deadline>) {
    for clause in &agreement.clauses {
        let Some(term) = &clause.term else { continue };
        let day = agreement.offset.date_of(at);
        let of = format!("{} {}", agreement.id, clause.id);
        let of_clause = agreement
            .denunciations
            .iter()
            .filter(|d| d.clause == clause.id);
        let given = of_clause.map(|d| d.given);
        let Some(period) = term.cycle().period_on(day, given) else {
            continue;
        };
        let kinds = if period.renews {
            [What::TermRenews, What::TermNotice]
        } else {
            [What::TermEnds, What::TermNotice]
        };
        of_period(at, agreement.offset, kinds, &of, None, &period, all);
    }
}

/// The end of a period, and the last day for a notice while that is still to come.
fn of_period(
    at: Observed,
    offset: Offset,
    [ends, notice]: [What; 2],
    of: &str,
    state: Option<&PartyId>,
    period: &Period,
    all: &mut Vec<Deadline>,
) {
    if let Ok(last) = period.ends.yesterday() {
        put(all, at, offset, ends, of, state, last);
    }
    if offset.date_of(at) <= period.notice_by && period.notice_by < period.ends {
        put(all, at, offset, notice, of, state, period.notice_by);
    }
}

fn put(
    all: &mut Vec<Deadline>,
    at: Observed,
    offset: Offset,
    what: What,
    of: &str,
    state: Option<&PartyId>,
    last_day: Date,
) {
    let today = offset.date_of(at);
    let days_left = i64::from((last_day - today).get_days());
    let warning_days = if days_left < 0 {
        Some(0)
    } else {
        WARNED_DAYS.into_iter().find(|days| days_left <= *days)
    };
    let Some(ends) = last_day
        .tomorrow()
        .ok()
        .and_then(|day| offset.midnight(day))
    else {
        return;
    };
    if warning_days.is_some() {
        all.push(Deadline {
            last_day,
            what,
            of: of.to_owned(),
            state: state.cloned(),
            ends,
            days_left,
            warning_days,
        });
    }
}
