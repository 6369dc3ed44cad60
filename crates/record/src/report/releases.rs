//! Which versions of a report were released, entry by entry, and how each stands.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use truceline_domain::{Recorded, Sha256};

use super::{Decided, NotReleased, ReportDecision, ReportStatement, ReportVersion};
use crate::deed::{self, Deed, NotADeed};
use crate::signature::Officer;

/// How a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportStanding {
    /// One sending state has signed.
    HalfReleased,
    /// Both have.
    Released,
    /// Not released, and an officer refuses it.
    Refused,
    /// It was released, and a later version was too.
    Superseded,
}

impl fmt::Display for ReportStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HalfReleased => "half-released",
            Self::Released => "released",
            Self::Refused => "refused",
            Self::Superseded => "superseded",
        })
    }
}

/// A version with what was decided on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Which.
    pub of: ReportVersion,
    /// The decisions that count, in the log's order.
    pub decisions: Vec<Decided>,
}

impl Version {
    /// The entry by which both sending states had released it.
    #[must_use]
    pub fn completed(&self) -> Option<u64> {
        let [a, b] = self.of.sending_states.names();
        let first = |state: &String| {
            let of = self
                .decisions
                .iter()
                .find(|d| d.officer.state == *state && d.decision == ReportDecision::Release);
            of.map(|d| d.entry)
        };
        Some(first(a)?.max(first(b)?))
    }
}

/// The reports of a log that somebody signed, entry by entry.
#[derive(Debug, Clone, Default)]
pub struct Releases {
    versions: BTreeMap<Sha256, Version>,
}

impl Releases {
    /// Takes a deed of kind `report` that `officers` signed.
    ///
    /// # Errors
    /// [`NotReleased`] when it does not count; nothing is changed then.
    pub fn take(
        &mut self,
        entry: u64,
        at: Recorded,
        deed: &Deed,
        officers: &[Officer],
    ) -> Result<(), NotReleased> {
        let form = |e: NotADeed| NotReleased::Form(e.to_string());
        let statement: ReportStatement = deed.statement_as().map_err(form)?;
        statement.check()?;
        let of = &statement.version;
        let known = self.versions.get(&of.sha256);
        if let Some(known) = known.filter(|known| known.of != *of) {
            return Err(NotReleased::OtherVersion {
                sha256: of.sha256,
                report: known.of.report.clone(),
                date: known.of.date.clone(),
            });
        }
        for officer in officers {
            let officer = officer.clone();
            if !of.sending_states.names().contains(&officer.state) {
                let sending = of.sending_states.clone();
                return Err(NotReleased::NotASendingState { officer, sending });
            }
            let decided = known.map_or(&[][..], |known| &known.decisions);
            if let Some(first) = decided.iter().find(|d| d.officer == officer) {
                let before = first.entry;
                return Err(NotReleased::DecidedBefore { officer, before });
            }
        }
        let version = self.versions.entry(of.sha256).or_insert_with(|| Version {
            of: of.clone(),
            decisions: Vec::new(),
        });
        let methods = deed.approvals.iter().map(deed::Approval::method);
        version.decisions.extend(
            officers
                .iter()
                .zip(methods)
                .map(|(officer, method)| Decided {
                    entry,
                    at,
                    officer: officer.clone(),
                    decision: statement.decision,
                    reason: statement.reason.clone(),
                    method,
                }),
        );
        Ok(())
    }

    /// All versions, in order of their hashes.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.versions.values()
    }

    /// The version with these bytes.
    #[must_use]
    pub fn version(&self, sha256: &Sha256) -> Option<&Version> {
        self.versions.get(sha256)
    }

    /// The versions of a report's date, in order of their first signatures.
    #[must_use]
    pub fn of(&self, report: &str, date: &str) -> Vec<&Version> {
        let of_date = |v: &&Version| v.of.report == report && v.of.date == date;
        let mut all: Vec<_> = self.versions().filter(of_date).collect();
        all.sort_by_key(|v| v.decisions.first().map(|d| d.entry));
        all
    }

    /// The version of a report's date that stands: the one that was released last.
    #[must_use]
    pub fn standing(&self, report: &str, date: &str) -> Option<&Version> {
        let of = self.of(report, date).into_iter();
        of.filter(|v| v.completed().is_some())
            .max_by_key(|v| v.completed())
    }

    /// How a version stands.
    #[must_use]
    pub fn how(&self, version: &Version) -> ReportStanding {
        let of = &version.of;
        if version.completed().is_some() {
            let stands = self.standing(&of.report, &of.date);
            return match stands {
                Some(stands) if stands.of.sha256 != of.sha256 => ReportStanding::Superseded,
                _ => ReportStanding::Released,
            };
        }
        let refused = |d: &Decided| d.decision == ReportDecision::Refuse;
        if version.decisions.iter().any(refused) {
            ReportStanding::Refused
        } else {
            ReportStanding::HalfReleased
        }
    }

    /// A line a version, in order of their first signatures.
    pub(crate) fn lines(&self) -> Vec<ReportLine> {
        let mut all: Vec<_> = self.versions().collect();
        all.sort_by_key(|v| v.decisions.first().map(|d| d.entry));
        let line = |version: &Version| ReportLine {
            report: version.of.report.clone(),
            date: version.of.date.clone(),
            sha256: version.of.sha256,
            standing: self.how(version),
            by: by(version, ReportDecision::Release),
            refused_by: by(version, ReportDecision::Refuse),
        };
        all.into_iter().map(line).collect()
    }
}

fn by(version: &Version, decision: ReportDecision) -> Vec<Officer> {
    let of = version.decisions.iter().filter(|d| d.decision == decision);
    of.map(|d| d.officer.clone()).collect()
}

/// How one version of a report stands, as a check tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportLine {
    /// The report.
    pub report: String,
    /// Its date.
    pub date: String,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// How it stands.
    pub standing: ReportStanding,
    /// Officers who released it.
    pub by: Vec<Officer>,
    /// Officers who refused it.
    pub refused_by: Vec<Officer>,
}

impl fmt::Display for ReportLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            report,
            date,
            sha256,
            standing,
            by,
            refused_by,
        } = self;
        write!(f, "{report} of {date}, {sha256}: {standing}")?;
        for (word, who) in [("signed by", by), ("refused by", refused_by)] {
            if !who.is_empty() {
                let who: Vec<_> = who.iter().map(ToString::to_string).collect();
                write!(f, ", {word} {}", who.join(" and "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SendingStates;

    fn officer(state: &str) -> Officer {
        Officer {
            state: state.into(),
            person: "p".into(),
        }
    }

    fn statement(text: &[u8], decision: ReportDecision) -> ReportStatement {
        ReportStatement {
            version: ReportVersion {
                report: "daily".into(),
                date: "2021-03-15".into(),
                sha256: Sha256::of(text),
                bytes: text.len() as u64,
                before: 7,
                procedures_sha256: Sha256::of(b"p"),
                sending_states: SendingStates::new("north", "south").unwrap(),
            },
            decision,
            reason: (decision == ReportDecision::Refuse).then(|| "a wrong place".into()),
        }
    }

    /// Takes a statement as signed by the first officers of these states.
    fn take(
        releases: &mut Releases,
        entry: u64,
        statement: &ReportStatement,
        states: &[&str],
    ) -> Result<(), NotReleased> {
        let mut deed = Deed::of(statement).unwrap();
        deed.approvals = vec![deed::Approval::Note(String::new()); states.len()];
        let officers: Vec<_> = states.iter().map(|s| officer(s)).collect();
        let at = "2021-03-15T08:00:00Z".parse().unwrap();
        releases.take(entry, at, &deed, &officers)
    }

    #[test]
    fn two_states_release_the_same_bytes_and_a_third_none() {
        let mut all = Releases::default();
        let one = statement(b"one", ReportDecision::Release);
        let two = statement(b"two", ReportDecision::Release);
        take(&mut all, 1, &one, &["north"]).unwrap();
        assert!(matches!(
            take(&mut all, 2, &one, &["north"]),
            Err(NotReleased::DecidedBefore { before: 1, .. })
        ));
        assert!(matches!(
            take(&mut all, 3, &one, &["south", "west"]),
            Err(NotReleased::NotASendingState { .. })
        ));
        // The other state's signature on other bytes releases neither.
        take(&mut all, 4, &two, &["south"]).unwrap();
        assert!(all.standing("daily", "2021-03-15").is_none());
        take(&mut all, 5, &one, &["south"]).unwrap();
        let stands = all.standing("daily", "2021-03-15").unwrap();
        assert_eq!(stands.of.sha256, Sha256::of(b"one"));
        // A later version stands once it is whole, and not before.
        let how = |all: &Releases, text: &[u8]| all.how(all.version(&Sha256::of(text)).unwrap());
        assert_eq!(how(&all, b"two"), ReportStanding::HalfReleased);
        take(&mut all, 6, &two, &["north"]).unwrap();
        assert_eq!(how(&all, b"one"), ReportStanding::Superseded);
        assert_eq!(how(&all, b"two"), ReportStanding::Released);
    }

    #[test]
    fn a_refusal_says_why_and_undoes_no_key() {
        let mut all = Releases::default();
        let refused = statement(b"one", ReportDecision::Refuse);
        let silent = ReportStatement {
            reason: None,
            ..refused.clone()
        };
        assert!(take(&mut all, 1, &silent, &["north"]).is_err());
        take(&mut all, 1, &refused, &["north"]).unwrap();
        let version = all.version(&Sha256::of(b"one")).unwrap().clone();
        assert_eq!(all.how(&version), ReportStanding::Refused);
        let released = statement(b"one", ReportDecision::Release);
        take(&mut all, 2, &released, &["south"]).unwrap();
        assert_eq!(
            all.how(all.version(&Sha256::of(b"one")).unwrap()),
            ReportStanding::Refused
        );
        // The same hash with another date is another statement about known bytes.
        let mut other = released;
        other.version.date = "2021-03-16".into();
        assert!(matches!(
            take(&mut all, 3, &other, &["north"]),
            Err(NotReleased::OtherVersion { .. })
        ));
    }
}
