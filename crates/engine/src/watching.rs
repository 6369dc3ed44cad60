//! How well a stretch was watched, by the kinds of source that a clause names.

use std::collections::{BTreeMap, BTreeSet};

use truceline_agreement::document::CoverageRule;
use truceline_domain::EventKind;

use crate::coverage::{Stretch, Watched};
use crate::detection::Watch;

/// Of a stretch this share of its length is the smallest part whose gaps are reckoned.
const SMALLEST_SHARE: f64 = 0.2;

/// How well a stretch was watched for a clause.
pub(crate) struct Watching {
    pub(crate) watched: f64,
    pub(crate) longest_gap_s: f64,
    pub(crate) p_missed: Option<f64>,
}

impl Watching {
    /// By the rule's kinds of source, for the kind of event among `kinds` that was watched worst.
    /// `None` when one of them is none that coverage is reckoned for.
    pub(crate) fn of(
        stretch: &Stretch,
        kinds: &[EventKind],
        rule: &CoverageRule,
        span_s: f64,
    ) -> Option<Self> {
        let allowed: BTreeSet<Watch> = rule.kinds.iter().filter_map(|k| watch(k)).collect();
        let mut worst: Option<Self> = None;
        for kind in kinds {
            let of_kind = stretch.kinds.get(&watched_as(*kind)?)?;
            let watching = Self::of_kind(of_kind, &allowed, span_s);
            worst = Some(match worst {
                None => watching,
                Some(w) => Self {
                    watched: w.watched.min(watching.watched),
                    longest_gap_s: w.longest_gap_s.max(watching.longest_gap_s),
                    p_missed: w.p_missed.zip(watching.p_missed).map(|(a, b)| a.max(b)),
                },
            });
        }
        worst
    }

    fn of_kind(watched: &Watched, allowed: &BTreeSet<Watch>, span_s: f64) -> Self {
        let best = |by: &BTreeMap<Watch, f64>| {
            let shares = by.iter().filter(|(w, _)| allowed.contains(w));
            shares.map(|(_, share)| *share).fold(0.0, f64::max)
        };
        // Where only allowed kinds watched, all of them together count; else the best one alone, with
        // the longest gap that its share leaves possible.
        if watched.p_seen_by.keys().all(|w| allowed.contains(w)) {
            return Self {
                watched: watched.watched,
                longest_gap_s: watched.longest_gap_s,
                p_missed: Some(1.0 - watched.p_seen),
            };
        }
        let share = best(&watched.watched_by);
        let gap_s = ((1.0 - share) * span_s / SMALLEST_SHARE).min(span_s);
        Self {
            watched: share,
            longest_gap_s: watched.longest_gap_s.max(gap_s),
            p_missed: Some(1.0 - best(&watched.p_seen_by)),
        }
    }
}

/// The kind that coverage is reckoned for in the place of another: who digs or crosses moves, and a
/// demolition is as loud as a gun. Nothing here watches the air.
fn watched_as(kind: EventKind) -> Option<EventKind> {
    match kind {
        EventKind::Works | EventKind::Incursion => Some(EventKind::Movement),
        EventKind::Demolition | EventKind::BlastQuarry => Some(EventKind::Artillery),
        EventKind::Overflight | EventKind::Thunder | EventKind::Fire | EventKind::Unknown => None,
        known => Some(known),
    }
}

/// The kind of source that makes observations called so.
fn watch(kind: &str) -> Option<Watch> {
    match kind {
        "acoustic" => Some(Watch::Acoustic),
        "flash" => Some(Watch::Flash),
        "video" => Some(Watch::Uav),
        "report" => Some(Watch::Post),
        // Shocks are felt and satellites pass without a watch that coverage could rest on.
        _ => None,
    }
}
