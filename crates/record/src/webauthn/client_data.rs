//! Client data (§ 5.8.1): what the browser says of where it was asked, and what.

use serde::Deserialize;

use super::{Refused, RelyingParty, base64url};

/// The members that are checked; browsers may add others.
#[derive(Debug, Deserialize)]
pub(super) struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    pub(super) origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<String>,
}

impl ClientData {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        serde_json::from_slice(bytes).map_err(|_| Refused::Malformed("client data"))
    }

    /// § 7.1 steps 7–11, § 7.2 steps 11–14.
    pub(super) fn check(
        &self,
        kind: &str,
        challenge: &[u8],
        centre: &RelyingParty,
    ) -> Result<(), Refused> {
        if self.kind != kind {
            return Err(Refused::Type(self.kind.chars().take(80).collect()));
        }
        if self.challenge != base64url(challenge) {
            return Err(Refused::Challenge);
        }
        // Nobody shows the centre's pages within their own.
        if !centre.is_at(&self.origin) || self.cross_origin || self.top_origin.is_some() {
            return Err(Refused::Origin(self.origin.chars().take(80).collect()));
        }
        Ok(())
    }
}
