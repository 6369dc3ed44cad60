//! The daily report: what of the record belongs to a day, handed to `crates/report`.

use jiff::civil::Date;
use truceline_domain::{Observation, Observed, Sha256};
use truceline_record::bodies::{BATCH, BatchBody, DOCUMENT};
use truceline_record::canonical;
use truceline_record::signature::Case;
use truceline_report::{DailyReport, Input, NotReported, Put, gather};
use truceline_store::{FindingFilter, Part, TimeSpan};

use crate::{Centre, CentreError};

/// What was observed so long before a day still tells whether a source was up at its beginning, and …
const BEFORE_S: f64 = 3600.0;
/// … what so long after it may still be evidence of what happened in it: a satellite's pass.
const AFTER_S: f64 = 3.0 * 3600.0;
/// The days whose counts are told beside a day's, seconds.
const TREND_S: f64 = 7.0 * 86_400.0;

impl Centre {
    /// The report called `report` in the procedures, of the day that ends at the cut-off of `date`, as
    /// the record has it now.
    ///
    /// # Errors
    /// Refused when no procedures are in force at the cut-off or order no such report; else when the
    /// record or the store cannot be read.
    pub fn daily_report(&self, report: &str, date: Date) -> Result<DailyReport, CentreError> {
        self.procedures_in_force()?;
        let documents = self.documents.parsed();
        let refused = |e: NotReported| CentreError::Refused(e.to_string());
        let day = truceline_report::day(documents, report, date).map_err(refused)?;
        let span = [
            day.from.plus_seconds(-BEFORE_S),
            day.until.plus_seconds(AFTER_S),
        ];
        let (observations, mut entries) = self.observed_between(span)?;
        let trend = day.until.plus_seconds(-TREND_S)..day.until;
        // A day more: a cut-off that was changed makes a day longer.
        let counted = FindingFilter {
            time: TimeSpan {
                from: Some(trend.start.plus_seconds(-86_400.0)),
                until: Some(trend.end),
            },
            ..FindingFilter::default()
        };
        let mut findings = Vec::new();
        for row in self.store.findings_of(&counted, Part::ALL)? {
            let Some(case) = self.desk.case(&row.finding.id) else {
                continue;
            };
            if trend.contains(&row.finding.event.time) {
                entries = entries.max(1 + last_entry(case));
            }
            findings.push(Put {
                sha256: row.sha256,
                entry: row.entry,
                standing: case.standing(),
                decisions: case.decisions.clone(),
                finding: row.finding,
            });
        }
        let events = self.store.events()?;
        let input = Input {
            documents,
            findings: &findings,
            events: &events,
            observations: &observations,
            origin: &self.config.origin,
            entries,
            root: self.record.log()?.root_at(entries)?,
        };
        gather(&input, report, date).map_err(refused)
    }

    /// Observations of batches that touch a span of time, in the record's order, and how far into the
    /// log they and the documents reach.
    fn observed_between(
        &self,
        [from, until]: [Observed; 2],
    ) -> Result<(Vec<Observation>, u64), CentreError> {
        let log = self.record.log()?;
        let (mut observations, mut entries) = (Vec::new(), 0);
        for leaf in log.entries(0) {
            let leaf = leaf?;
            let entry = leaf.entry()?;
            match entry.kind.as_str() {
                DOCUMENT => entries = leaf.index + 1,
                BATCH => {
                    let body = entry.body_as::<BatchBody>()?;
                    let touches = |s: &truceline_record::bodies::Span<Observed>| {
                        s.last >= from && s.first < until
                    };
                    if body.observed.as_ref().is_some_and(touches) {
                        let read = body.read(self.record.blobs())?.into_iter();
                        let of_span =
                            read.filter(|o| o.observed.is_some_and(|at| at >= from && at < until));
                        observations.extend(of_span);
                        entries = leaf.index + 1;
                    }
                }
                _ => {}
            }
        }
        Ok((observations, entries))
    }
}

/// The last entry that says something of a finding.
fn last_entry(case: &Case) -> u64 {
    let decisions = case.decisions.iter().map(|d| d.index);
    decisions.max().unwrap_or(case.index).max(case.index)
}

/// A report's canonical bytes: what officers release, and their hash.
///
/// # Errors
/// When it has no canonical form.
pub fn report_bytes(report: &DailyReport) -> Result<(Vec<u8>, Sha256), CentreError> {
    let value = serde_json::to_value(report).map_err(|e| CentreError::Refused(e.to_string()))?;
    let bytes = canonical::to_vec(&value).map_err(|e| CentreError::Refused(e.to_string()))?;
    let sha256 = Sha256::of(&bytes);
    Ok((bytes, sha256))
}
