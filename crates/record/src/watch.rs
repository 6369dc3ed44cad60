//! What people of the watch did, in the record: alerts that were raised and who acknowledged them, and
//! observations that an analyst excluded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use truceline_domain::{FeedId, FindingId, ObservationId};

/// Type of the entry with an [`AlertBody`].
pub const ALERT: &str = "alert";
/// Type of the entry with an [`AcknowledgementBody`].
pub const ACKNOWLEDGEMENT: &str = "acknowledgement";
/// Type of the entry with an [`ExclusionBody`].
pub const EXCLUSION: &str = "exclusion";

/// How much an alert matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody should know.
    Notice,
    /// Somebody should look.
    Warning,
    /// Somebody must look now.
    Alarm,
}

/// What is told, for people of any language: the message's name, and what stands in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The message's name, e.g. `feed.lost`.
    pub id: String,
    /// What stands in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Value>,
}

/// Something that somebody of the watch has to take note of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertBody {
    /// Its name.
    pub alert: String,
    /// `finding`, `feed`, `clock`, `disk`, `document`.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is told.
    pub text: Message,
    /// The feed that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<FeedId>,
    /// The finding that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingId>,
}

/// Somebody took note of an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgementBody {
    /// Which alert.
    pub alert: String,
    /// The person.
    pub person: String,
}

/// An observation that shall not be judged by, and why. It stays in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExclusionBody {
    /// Which.
    pub observation: ObservationId,
    /// The finding before whose evidence the person sat.
    pub finding: FindingId,
    /// Why.
    pub reason: String,
    /// The person.
    pub person: String,
}
