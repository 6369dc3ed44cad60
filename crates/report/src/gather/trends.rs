//! The days up to this one, counted.

use truceline_domain::{Observed, Verdict};
use truceline_record::signature::Standing;

use super::{Gathering, is_standing};
use crate::day::day;
use crate::model::{Counts, Trend};

/// So many days are told side by side, the reported one among them.
const TREND_DAYS: usize = 7;

impl Gathering<'_> {
    pub(super) fn trends(&self, report: &str) -> Vec<Trend> {
        let mut dates = vec![self.day.date];
        while dates.len() < TREND_DAYS {
            match dates.last().and_then(|date| date.yesterday().ok()) {
                Some(date) => dates.push(date),
                None => break,
            }
        }
        dates.reverse();
        dates
            .into_iter()
            .map(|date| {
                let of_day = day(self.input.documents, report, date).ok();
                Trend {
                    date: date.to_string(),
                    counts: of_day.map(|d| self.counts(d.from, d.until)),
                }
            })
            .collect()
    }

    fn counts(&self, from: Observed, until: Observed) -> Counts {
        let mut counts = Counts::default();
        let span = from..until;
        let of_day = self.input.findings.iter().filter(|put| {
            let event = &put.finding.event;
            is_standing(put)
                && span.contains(&event.time)
                && (!put.decisions.is_empty() || self.within(event.position, event.time))
        });
        for put in of_day {
            counts.findings += 1;
            match &put.standing {
                Standing::Determined { .. } => {
                    counts.determined += 1;
                    if let Verdict::Party(party) = &put.finding.event.attribution.verdict {
                        *counts.named.entry(party.to_string()).or_default() += 1;
                    }
                }
                Standing::Dissented { .. } => counts.dissented += 1,
                _ => {}
            }
        }
        let events = self.input.events.iter();
        for event in events.filter(|e| span.contains(&e.time) && self.within(e.position, e.time)) {
            let class = event.kind.class().as_str().to_owned();
            *counts.events.entry(class).or_default() += 1;
        }
        counts
    }
}
