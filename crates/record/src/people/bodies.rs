//! What the entries about persons say.

use serde::{Deserialize, Serialize};
use truceline_domain::{Recorded, Sha256, TheatreId};

use crate::signature::is_line;
use crate::webauthn::PublicKey;

/// Type of the entry with a [`PersonBody`].
pub const PERSON: &str = "person";
/// Type of the entry with an [`InvitationBody`].
pub const INVITATION: &str = "invitation";
/// Type of the entry with a [`PasskeyBody`].
pub const PASSKEY: &str = "passkey";
/// Type of the entry with a [`VoucherBody`].
pub const VOUCHER: &str = "voucher";
/// Type of the entry with a [`RevocationBody`].
pub const REVOCATION: &str = "revocation";

/// Type of the entry with a [`TokenBody`].
pub const TOKEN: &str = "token";

/// All of them.
pub const KINDS: [&str; 6] = [PERSON, INVITATION, PASSKEY, VOUCHER, TOKEN, REVOCATION];

/// The longest name, state or role, bytes.
const MAX_WORD_BYTES: usize = 200;
/// The longest id of a person, bytes: it stands in the name of a key.
const MAX_ID_BYTES: usize = 64;

/// A person of the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonBody {
    /// A short name that nobody else has: lower-case letters, digits, `-` and `.`.
    pub person: String,
    /// What people call them.
    pub name: String,
    /// The state they serve, as the procedures name it. It never changes.
    pub state: String,
    /// Their roles, as the procedures name them.
    pub roles: Vec<String>,
    /// The theatres that they work on.
    pub theatres: Vec<TheatreId>,
    /// Nobody: a part that anyone may play in an exercise. Such a person has no passkey.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exercise: bool,
}

impl PersonBody {
    /// Whether each part is what it should be.
    ///
    /// # Errors
    /// What is wrong, in a person's words.
    pub fn check(&self) -> Result<(), String> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        if self.person.is_empty()
            || self.person.len() > MAX_ID_BYTES
            || !self.person.bytes().all(plain)
        {
            return Err(format!(
                "{:?} is no id of a person: expected 1 to {MAX_ID_BYTES} lower-case letters, digits, - and .",
                self.person
            ));
        }
        let words = self.roles.iter().chain([&self.name, &self.state]);
        for word in words {
            if !is_line(word) || word.len() > MAX_WORD_BYTES {
                return Err(format!(
                    "{word:?} is not one line of 1 to {MAX_WORD_BYTES} bytes"
                ));
            }
        }
        if self.state.contains(['/', '+', ' ']) {
            return Err(format!("{:?} is no state's id", self.state));
        }
        if self.roles.is_empty() || self.roles.len() > 16 || self.theatres.is_empty() {
            return Err(format!("{} has no role or no theatre", self.person));
        }
        Ok(())
    }
}

/// An invitation: whoever shows the code registers a passkey for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvitationBody {
    /// For whom.
    pub person: String,
    /// SHA-256 of the code; the code itself is told to nobody else.
    pub code_sha256: Sha256,
    /// Until when.
    pub expires: Recorded,
}

/// A person's passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyBody {
    /// Whose.
    pub person: String,
    /// The credential's id, base64url without padding.
    pub credential: String,
    /// Its public key, SubjectPublicKeyInfo in base64.
    pub public_key: PublicKey,
    /// The centre's id as browsers know it: a host's name.
    pub rp_id: String,
    /// The web origin at which it was made.
    pub origin: String,
    /// The invitation by which it came, SHA-256 of its code.
    pub invitation_sha256: Sha256,
}

/// An officer's word that a passkey is a person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoucherBody {
    /// Whose.
    pub person: String,
    /// Which.
    pub credential: String,
    /// The signed note over [`super::voucher_text`], by an officer of the person's state.
    pub note: String,
}

/// A token by which a program reads for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    /// For whom.
    pub person: String,
    /// What the person calls it.
    pub name: String,
    /// SHA-256 of the token.
    pub token_sha256: Sha256,
    /// Until when.
    pub expires: Recorded,
}

/// A person, or one of their passkeys, counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationBody {
    /// Whose.
    pub person: String,
    /// One passkey; all, and the person, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Why.
    pub why: String,
}
