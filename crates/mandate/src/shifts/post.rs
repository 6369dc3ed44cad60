//! A post's shift, by its own reports: those of an instant say that somebody was there then, those of a span
//! that somebody was there through it.

use truceline_domain::Observed;

use super::{GAP_S, LATE_S, NEEDED_SHARE, Plan, Seen, State, cover};

/// What a report says of its post: that it was manned from then until then.
pub type Manned = [Observed; 2];

/// What is known of a post's shift at an instant, by its reports in any order.
#[must_use]
pub fn seen(plan: &Plan, now: Observed, reports: &[Manned]) -> Seen {
    let until = plan.until.min(now);
    // A report stands for the ten minutes around it, as in the coverage.
    let around = |[from, to]: &Manned| {
        let (from, to) = (
            from.plus_seconds(-GAP_S),
            (*to).max(*from).plus_seconds(GAP_S),
        );
        [from.max(plan.from), to.min(until)]
    };
    let mut spans: Vec<Manned> = reports
        .iter()
        .map(around)
        .filter(|[from, to]| from < to)
        .collect();
    spans.sort();
    let (share, longest_gap_s) = cover(spans.clone(), plan.from, until);
    let began = spans.first().map(|[from, _]| *from);
    let late_s = began.map_or(0.0, |began| began.seconds_since(plan.from));
    let state = match share {
        None => State::NotBegun,
        Some(_) if spans.is_empty() && now.seconds_since(plan.from) < LATE_S => State::NotBegun,
        Some(_) if spans.is_empty() => State::NotObserved,
        Some(_) if now < plan.until => State::UnderWay,
        Some(share) if share >= NEEDED_SHARE => State::Done,
        Some(_) => State::PartlyObserved,
    };
    Seen {
        state,
        began,
        ended: spans.iter().map(|[_, to]| *to).max(),
        late_s: if late_s > LATE_S { late_s } else { 0.0 },
        passed: Vec::new(),
        left: Vec::new(),
        observed_share: share,
        longest_gap_s,
        evidence: u32::try_from(spans.len()).unwrap_or(u32::MAX),
    }
}
