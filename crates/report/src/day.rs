//! The day that a report is about: from cut-off to cut-off, in the procedures' timezone.

use jiff::civil::Date;
use truceline_agreement::Documents;
use truceline_agreement::document::{Procedures, ReportRule};
use truceline_domain::Observed;

/// A day to be reported.
#[derive(Debug, Clone, Copy)]
pub struct Day<'d> {
    /// The date of the report: that of the cut-off at which the day ends.
    pub date: Date,
    /// The cut-off before, or when procedures came into force if that was later.
    pub from: Observed,
    /// The cut-off, not included.
    pub until: Observed,
    /// The procedures in force at the cut-off.
    pub procedures: &'d Procedures,
    /// What they say of this report.
    pub rule: &'d ReportRule,
}

/// Why nothing is reported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReported {
    /// Without procedures in force a centre reports nothing.
    #[error(
        "no procedures are in force at the cut-off {0}: until the host has approved them, nothing is reported"
    )]
    NoProcedures(Observed),
    /// The procedures do not ask for such a report.
    #[error(
        "the procedures in force on {date} order no report {report:?}; they order {}",
        if known.is_empty() { "none".to_owned() } else { known.join(", ") }
    )]
    NoRule {
        /// The date asked for.
        date: Date,
        /// The report asked for.
        report: String,
        /// The reports there are.
        known: Vec<String>,
    },
    /// A date at the end of the calendar.
    #[error("{0} is no date that can be reported")]
    NoDate(Date),
}

/// The day of the report `report` that is dated `date`: it ends at that date's cut-off.
///
/// # Errors
/// When no procedures are in force at the cut-off, or they order no such report.
pub fn day<'d>(documents: &'d Documents, report: &str, date: Date) -> Result<Day<'d>, NotReported> {
    // Which version counts is only known at the cut-off, and the cut-off only from a version: the one
    // whose own cut-off finds it in force. Of several the latest, as at any instant.
    let mut at = None;
    let mut without_rule = None;
    for procedures in &documents.procedures {
        let Some(rule) = procedures.reports.iter().find(|r| r.id == report) else {
            let noon = procedures.offset.midnight(date);
            let in_force = noon.and_then(|noon| documents.procedures_at(noon));
            if in_force.is_some_and(|p| std::ptr::eq(p, procedures)) {
                without_rule = Some(procedures);
            }
            continue;
        };
        let cut_off = |date: Date| {
            let midnight = procedures.offset.midnight(date)?;
            Some(midnight.plus_seconds(f64::from(rule.cut_off_min) * 60.0))
        };
        let yesterday = date.yesterday().map_err(|_| NotReported::NoDate(date))?;
        let (Some(until), Some(from)) = (cut_off(date), cut_off(yesterday)) else {
            return Err(NotReported::NoDate(date));
        };
        at = at.max(Some(until));
        let in_force = documents.procedures_at(until);
        if in_force.is_some_and(|p| std::ptr::eq(p, procedures)) {
            let begun = first_in_force(documents).map_or(from, |first| first.max(from));
            return Ok(Day {
                date,
                from: begun,
                until,
                procedures,
                rule,
            });
        }
    }
    match (without_rule, at) {
        (Some(procedures), _) => Err(NotReported::NoRule {
            date,
            report: report.to_owned(),
            known: procedures.reports.iter().map(|r| r.id.clone()).collect(),
        }),
        (None, Some(until)) => Err(NotReported::NoProcedures(until)),
        (None, None) => {
            let midnight = truceline_agreement::when::Offset::UTC.midnight(date);
            Err(midnight.map_or(NotReported::NoDate(date), NotReported::NoProcedures))
        }
    }
}

/// When any procedures came into force first: before that, nothing was determined.
fn first_in_force(documents: &Documents) -> Option<Observed> {
    let begun = documents
        .procedures
        .iter()
        .filter_map(|p| p.in_force_from());
    begun.min()
}
