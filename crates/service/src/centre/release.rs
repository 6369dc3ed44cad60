//! Reports released by two keys: which bytes there are, who signed which, and taking a signature.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde::Serialize;
use truceline_domain::{Recorded, Sha256};
use truceline_engine::Language;
use truceline_record::deed::Deed;
use truceline_record::report::{
    Decided, ReportDecision, ReportStanding, ReportStatement, ReportVersion, Version,
};
use truceline_record::signature::{Method, SendingStates};
use truceline_report::{DailyReport, Refused, Released, Stamp, compose, pdf};

use super::report::report_bytes;
use crate::{Centre, CentreError};

/// Which version of a report is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one that was released; where none was, as the record gives it now.
    Standing,
    /// As the record gives it now, whatever was released.
    Now,
    /// These very bytes.
    Bytes(Sha256),
}

impl std::str::FromStr for Which {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "now" {
            return Ok(Self::Now);
        }
        let sha256 = text.parse().map(Self::Bytes);
        sha256.map_err(|_| format!("{text:?}; expected `now` or a SHA-256 in hexadecimal"))
    }
}

/// A report to be told: its model, its bytes, and by whose keys.
#[derive(Debug, Clone)]
pub struct Told {
    /// The model.
    pub report: DailyReport,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Who signed them.
    pub released: Released,
}

/// The reports of a date: what the record gives now, and what was signed.
#[derive(Debug, Clone, Serialize)]
pub struct Board {
    /// The report, as the procedures call it.
    pub report: String,
    /// Its date.
    pub date: Date,
    /// What the record gives now; nothing where no procedures order it any more.
    pub now: Option<Now>,
    /// The version that was released last.
    pub stands: Option<Sha256>,
    /// All that somebody signed, in order of their first signatures.
    pub versions: Vec<Row>,
}

/// A version as the record gives it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Now {
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// It rests on entries before this number.
    pub before: u64,
}

/// A version that somebody signed.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// How many they are.
    pub bytes: u64,
    /// It rests on entries before this number.
    pub before: u64,
    /// How it stands.
    pub standing: ReportStanding,
    /// Who signed.
    pub signatures: Vec<Signature>,
}

/// One officer's decision on a version.
#[derive(Debug, Clone, Serialize)]
pub struct Signature {
    /// The officer's state.
    pub state: String,
    /// The person's name.
    pub by: String,
    /// The person.
    pub person: String,
    /// When it was recorded.
    pub at: Recorded,
    /// What.
    pub decision: ReportDecision,
    /// Why, with a refusal.
    pub reason: Option<String>,
    /// How it was signed.
    pub method: Method,
    /// The entry.
    pub entry: u64,
}

/// Reports that were made lately: signing one takes three looks at the same bytes.
#[derive(Debug, Default)]
pub(super) struct Made(Mutex<Vec<Arc<Kept>>>);

/// So many are kept.
const KEPT: usize = 8;

/// One that was made.
#[derive(Debug)]
struct Kept {
    /// The log had so many entries.
    entries: u64,
    version: ReportVersion,
    report: DailyReport,
    bytes: Vec<u8>,
}

impl Made {
    fn find(&self, is: impl Fn(&Kept) -> bool) -> Option<Arc<Kept>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|kept| is(kept)).cloned()
    }

    fn keep(&self, made: &Arc<Kept>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(0, made.clone());
        all.truncate(KEPT);
    }
}

impl Told {
    /// The report in a language as PDF/A; its date is the report's cut-off.
    ///
    /// # Errors
    /// When no such file can be written of it.
    pub fn pdf(&self, language: Language) -> Result<Vec<u8>, CentreError> {
        let page = compose(&self.report, language, &self.released);
        let stamp = Stamp {
            at: self.report.until,
            id: format!("{}-{language}", self.released.sha256),
        };
        pdf(&page, &stamp).map_err(|e| CentreError::Refused(e.to_string()))
    }
}

impl Centre {
    /// A report of a date in the version wanted, and by whose keys it is released.
    ///
    /// # Errors
    /// As [`Self::daily_report`]; when nobody signed the bytes wanted, or they cannot be read.
    pub fn told_report(&self, report: &str, date: Date, which: Which) -> Result<Told, CentreError> {
        let releases = self.deeds.releases();
        let stands = releases.standing(report, &date.to_string());
        let wanted = match which {
            Which::Standing => stands,
            Which::Now => None,
            Which::Bytes(sha256) => Some(self.signed_version(report, date, &sha256)?),
        };
        let (report, bytes, sha256) = match wanted {
            Some(version) => {
                let sha256 = version.of.sha256;
                let bytes = self.record.blob(&sha256)?;
                let report = serde_json::from_slice(&bytes)
                    .map_err(|e| CentreError::Refused(format!("the report {sha256}: {e}")))?;
                (report, bytes, sha256)
            }
            None => {
                let made = self.made_now(report, date)?;
                (made.report.clone(), made.bytes.clone(), made.version.sha256)
            }
        };
        let stands = stands.map(|v| v.of.sha256).filter(|s| *s != sha256);
        let released = match releases.version(&sha256) {
            Some(version) => Released {
                other_stands: stands,
                ..released(version)
            },
            None => Released {
                sha256,
                other_stands: stands,
                ..Released::nobody(sha256)
            },
        };
        Ok(Told {
            report,
            bytes,
            released,
        })
    }

    /// What was signed of a report's date, and what the record gives now.
    ///
    /// # Errors
    /// When nobody signed anything and nothing is reported; when the record cannot be read.
    pub fn report_board(&self, report: &str, date: Date) -> Result<Board, CentreError> {
        let releases = self.deeds.releases();
        let versions = releases.of(report, &date.to_string());
        let now = match self.made_now(report, date) {
            Ok(made) => Some(Now {
                sha256: made.version.sha256,
                before: made.version.before,
            }),
            Err(CentreError::Refused(_)) if !versions.is_empty() => None,
            Err(error) => return Err(error),
        };
        let stands = releases.standing(report, &date.to_string());
        let row = |version: &&Version| Row {
            sha256: version.of.sha256,
            bytes: version.of.bytes,
            before: version.of.before,
            standing: releases.how(version),
            signatures: version
                .decisions
                .iter()
                .map(|d| self.signature(d))
                .collect(),
        };
        Ok(Board {
            report: report.to_owned(),
            date,
            now,
            stands: stands.map(|v| v.of.sha256),
            versions: versions.iter().map(row).collect(),
        })
    }

    fn signature(&self, decided: &Decided) -> Signature {
        let officer = &decided.officer;
        let known = self.desk.people().person(&officer.person);
        Signature {
            state: officer.state.clone(),
            by: known.map_or_else(|| officer.person.clone(), |p| p.body.name.clone()),
            person: officer.person.clone(),
            at: decided.at,
            decision: decided.decision,
            reason: decided.reason.clone(),
            method: decided.method,
            entry: decided.entry,
        }
    }

    /// The statement that an officer signs on a report. `which` says on which bytes: [`Which::Standing`] is
    /// the version that somebody signed last and that is not released yet, else what the record gives now.
    ///
    /// # Errors
    /// When no procedures are in force, the bytes are neither signed by somebody nor what this centre made
    /// lately, or nothing is reported.
    pub fn report_statement(
        &self,
        (report, date): (&str, Date),
        which: Which,
        decision: ReportDecision,
        reason: Option<String>,
    ) -> Result<ReportStatement, CentreError> {
        self.procedures_in_force()?;
        let releases = self.deeds.releases();
        let waiting = || {
            let mut of = releases.of(report, &date.to_string()).into_iter();
            of.rfind(|v| releases.how(v) == ReportStanding::HalfReleased)
        };
        let version = match which {
            Which::Standing => match waiting() {
                Some(version) => version.of.clone(),
                None => self.made_now(report, date)?.version.clone(),
            },
            Which::Now => self.made_now(report, date)?.version.clone(),
            Which::Bytes(sha256) => match self.signed_version(report, date, &sha256) {
                Ok(version) => version.of.clone(),
                Err(_) => self.lately(report, date, &sha256)?.version.clone(),
            },
        };
        Ok(ReportStatement {
            version,
            decision,
            reason,
        })
    }

    /// Puts the bytes of a report on which an officer decides into the record.
    ///
    /// # Errors
    /// When no procedures are in force, or the bytes are not what this record says of that day. Nothing is
    /// recorded then.
    pub(super) fn keep_report(&self, deed: &Deed) -> Result<(), CentreError> {
        self.procedures_in_force()?;
        let refused = |why: String| CentreError::Refused(why);
        let statement: ReportStatement = deed.statement_as().map_err(|e| refused(e.to_string()))?;
        let of = &statement.version;
        let date: Date = of
            .date
            .parse()
            .map_err(|e| refused(format!("{:?}: {e}", of.date)))?;
        if self.deeds.releases().version(&of.sha256).is_some() {
            return Ok(());
        }
        let made = self.lately(&of.report, date, &of.sha256)?;
        if made.version != *of {
            return Err(refused(
                "what was signed says otherwise than the report itself".to_owned(),
            ));
        }
        self.record.put_blob(&made.bytes)?;
        Ok(())
    }

    fn signed_version(
        &self,
        report: &str,
        date: Date,
        sha256: &Sha256,
    ) -> Result<&Version, CentreError> {
        let date = date.to_string();
        let of_date = |v: &&Version| v.of.report == report && v.of.date == date;
        let known = self.deeds.releases().version(sha256).filter(of_date);
        known.ok_or_else(|| {
            CentreError::Refused(format!("nobody signed {sha256} as {report} of {date}"))
        })
    }

    /// The report of these bytes: as the record gives it now, or gave it a moment ago to whoever looked.
    fn lately(&self, report: &str, date: Date, sha256: &Sha256) -> Result<Arc<Kept>, CentreError> {
        if let Some(kept) = self.made.find(|kept| kept.version.sha256 == *sha256) {
            return Ok(kept);
        }
        let now = self.made_now(report, date)?;
        if now.version.sha256 == *sha256 {
            return Ok(now);
        }
        Err(CentreError::Refused(format!(
            "the record has moved on: {report} of {date} is {} now, not {sha256}; look at it again",
            now.version.sha256
        )))
    }

    /// The report as the record gives it now.
    fn made_now(&self, report: &str, date: Date) -> Result<Arc<Kept>, CentreError> {
        let dated = date.to_string();
        let entries = self.seen;
        let same = |kept: &Kept| {
            kept.entries == entries && kept.version.report == report && kept.version.date == dated
        };
        if let Some(kept) = self.made.find(same) {
            return Ok(kept);
        }
        let told = self.daily_report(report, date)?;
        let (bytes, sha256) = report_bytes(&told)?;
        let [a, b] = told.sending_states.as_slice() else {
            return Err(CentreError::Refused("not two sending states".to_owned()));
        };
        let sending_states =
            SendingStates::new(&a.id, &b.id).map_err(|e| CentreError::Refused(e.to_string()))?;
        let made = Arc::new(Kept {
            entries,
            version: ReportVersion {
                report: report.to_owned(),
                date: dated,
                sha256,
                bytes: bytes.len() as u64,
                before: told.entries,
                procedures_sha256: told.procedures.sha256,
                sending_states,
            },
            report: told,
            bytes,
        });
        self.made.keep(&made);
        Ok(made)
    }
}

/// By whose keys a version is released, as its pages tell it.
fn released(version: &Version) -> Released {
    let of = |decision| {
        let all = version.decisions.iter();
        all.filter(move |d| d.decision == decision)
    };
    let who = |d: &Decided| (d.officer.state.clone(), d.officer.person.clone());
    Released {
        sha256: version.of.sha256,
        by: of(ReportDecision::Release).map(who).collect(),
        refused: of(ReportDecision::Refuse)
            .map(|d| Refused {
                state: d.officer.state.clone(),
                person: d.officer.person.clone(),
                reason: d.reason.clone().unwrap_or_default(),
            })
            .collect(),
        whole: version.completed().is_some(),
        other_stands: None,
    }
}
