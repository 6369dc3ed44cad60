//! The text that an officer signs.
//!
//! ```text
//! truceline/finding/v1
//! <origin of the centre's log>
//! <finding id>
//! <SHA-256 of the finding's canonical bytes, 64 lower-case hexadecimal digits>
//! determined
//! ```
//!
//! A dissent has `dissent` as its fifth line and one line more: `reason: <one line of UTF-8>`. Every
//! line ends in a newline. The text is signed as a C2SP signed note, so that both sending states sign
//! the very same bytes, and any note verifier checks them.

use std::fmt;

use serde::{Deserialize, Serialize};
use truceline_domain::{FindingId, Sha256};

/// First line of the text; changes when its form does.
const HEADER: &str = "truceline/finding/v1";

/// Longest reason, in bytes: a few sentences. What needs more belongs into a document of its own.
pub const MAX_REASON_BYTES: usize = 4096;

/// What an officer says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The officer puts the sending state's key under it.
    Determined,
    /// The officer does not, and says why.
    Dissent,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Determined => "determined",
            Self::Dissent => "dissent",
        })
    }
}

/// Why a text could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextRefused {
    /// A dissent without a reason, or with an empty one.
    #[error("a dissent needs a reason")]
    NoReason,
    /// A determination says nothing but itself.
    #[error("only a dissent carries a reason, this determination says {reason:?}")]
    ReasonNotExpected {
        /// The reason, cut to 80 characters.
        reason: String,
    },
    /// A reason that would not stay one line.
    #[error(
        "the reason must be one line of at most {MAX_REASON_BYTES} bytes without control characters or outer spaces, not {reason:?}"
    )]
    Reason {
        /// The reason, cut to 80 characters.
        reason: String,
    },
    /// An origin that would not stay one line.
    #[error(
        "the log's origin must be one non-empty line without control characters, not {origin:?}"
    )]
    Origin {
        /// The origin, cut to 80 characters.
        origin: String,
    },
}

/// The text that an officer signs, checked so that each part stays on its own line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningText {
    origin: String,
    finding: FindingId,
    sha256: Sha256,
    decision: Decision,
    reason: Option<String>,
}

impl SigningText {
    /// The text over the finding `finding` whose canonical bytes hash to `sha256`.
    ///
    /// # Errors
    /// [`TextRefused`] when a dissent has no reason, a determination has one, or a part would not
    /// stay on its line.
    pub fn new(
        origin: &str,
        finding: &FindingId,
        sha256: Sha256,
        decision: Decision,
        reason: Option<&str>,
    ) -> Result<Self, TextRefused> {
        if !is_line(origin) {
            return Err(TextRefused::Origin {
                origin: cut(origin),
            });
        }
        match (decision, reason) {
            (Decision::Determined, Some(reason)) => {
                return Err(TextRefused::ReasonNotExpected {
                    reason: cut(reason),
                });
            }
            (Decision::Dissent, None | Some("")) => return Err(TextRefused::NoReason),
            (Decision::Dissent, Some(reason)) if !is_line(reason) => {
                return Err(TextRefused::Reason {
                    reason: cut(reason),
                });
            }
            _ => {}
        }
        Ok(Self {
            origin: origin.to_owned(),
            finding: finding.clone(),
            sha256,
            decision,
            reason: reason.map(str::to_owned),
        })
    }

    /// The decision in it.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }
}

impl fmt::Display for SigningText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            origin,
            finding,
            sha256,
            decision,
            reason,
        } = self;
        write!(f, "{HEADER}\n{origin}\n{finding}\n{sha256}\n{decision}\n")?;
        match reason {
            Some(reason) => writeln!(f, "reason: {reason}"),
            None => Ok(()),
        }
    }
}

/// Whether `text` can stand on a line of a signed text and come back as it was.
pub(crate) fn is_line(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_REASON_BYTES
        && text.trim() == text
        && !text
            .chars()
            .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

pub(crate) fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_exactly_the_documented_lines() {
        let id = FindingId::new("F-7").unwrap();
        let sha = Sha256::of(b"finding");
        let text =
            SigningText::new("centre.example/log", &id, sha, Decision::Determined, None).unwrap();
        assert_eq!(
            text.to_string(),
            format!("truceline/finding/v1\ncentre.example/log\nF-7\n{sha}\ndetermined\n")
        );
        let text = SigningText::new(
            "centre.example/log",
            &id,
            sha,
            Decision::Dissent,
            Some("no line of sight"),
        )
        .unwrap();
        assert!(
            text.to_string()
                .ends_with("\ndissent\nreason: no line of sight\n")
        );
    }

    #[test]
    fn nothing_can_smuggle_in_a_line() {
        let id = FindingId::new("F-7").unwrap();
        let sha = Sha256::of(b"finding");
        let long = "x".repeat(MAX_REASON_BYTES + 1);
        for reason in ["a\nb", "a\r", "\u{2028}", " a", "", "a\u{0}", &long] {
            assert!(
                SigningText::new("o", &id, sha, Decision::Dissent, Some(reason)).is_err(),
                "{reason:?}"
            );
        }
        assert!(SigningText::new("o", &id, sha, Decision::Dissent, None).is_err());
        assert!(SigningText::new("o", &id, sha, Decision::Determined, Some("because")).is_err());
        assert!(SigningText::new("o\nx", &id, sha, Decision::Determined, None).is_err());
    }
}
