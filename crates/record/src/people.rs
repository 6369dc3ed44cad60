//! Persons of a centre in the record: who was admitted, with which passkey, vouched for by whom.
//!
//! | entry | says |
//! |---|---|
//! | `person` | this person works here, for this state, in these roles; a later one takes its place |
//! | `invitation` | whoever shows a code of this hash may register a passkey for the person, once |
//! | `passkey` | the person's public key, as their authenticator made it |
//! | `voucher` | an officer of the person's state says by their own key that it is that person's |
//! | `token` | whoever shows a token of this hash reads what the person may read |
//! | `revocation` | a person, or one passkey, counts no more from here on |
//!
//! Whoever runs the machine can write a `person` and a `passkey`. They cannot write a `voucher`: that
//! takes a key of an officer of that state, which `vkeys` names and its owner alone holds. A signature
//! on a finding by a passkey counts only after one. So nobody who runs machines can sign for anybody,
//! and each side sees in the log whom the other admitted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truceline_domain::{Recorded, Sha256, TheatreId};

use crate::entry::Entry;
use crate::key::{Role, SignerKey};
use crate::signature::{NotAnOfficersWord, SignError, check_text, is_line, sign_text};
use crate::vkeys::Vkeys;
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
    /// The signed note over [`voucher_text`], by an officer of the person's state.
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

/// A passkey as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// As it was recorded.
    pub body: PasskeyBody,
    /// The officer's key that vouches for it.
    pub vouched_by: Option<String>,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// A person as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// As last recorded.
    pub body: PersonBody,
    /// Whether they were revoked; a later `person` entry admits them again, without their passkeys.
    pub revoked: bool,
    /// Their passkeys, in the log's order.
    pub passkeys: Vec<Passkey>,
    /// Their last invitation.
    pub invitation: Option<InvitationBody>,
    /// Their tokens.
    pub tokens: Vec<TokenBody>,
}

impl Person {
    /// The passkey with this credential id that counts.
    #[must_use]
    pub fn passkey(&self, credential: &str) -> Option<&Passkey> {
        let counts = |p: &&Passkey| p.body.credential == credential && !p.revoked;
        self.passkeys.iter().find(counts).filter(|_| !self.revoked)
    }

    /// Whether one of their passkeys counts under findings.
    #[must_use]
    pub fn is_vouched_for(&self) -> bool {
        !self.revoked
            && self
                .passkeys
                .iter()
                .any(|p| !p.revoked && p.vouched_by.is_some())
    }
}

/// An entry about a person that does not count, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unheeded {
    /// The body has not the form of its type.
    #[error("{0}")]
    Body(String),
    /// Nobody of that name was admitted.
    #[error("{person} is no person of this centre, or was revoked")]
    NoPerson {
        /// The name.
        person: String,
    },
    /// A person's state never changes: another state's person is another person.
    #[error("{person} serves {was}, and cannot serve {now}: admit another person")]
    OtherState {
        /// The person.
        person: String,
        /// The state so far.
        was: String,
        /// The one stated.
        now: String,
    },
    /// A credential that somebody has already.
    #[error("the passkey {credential} is recorded already")]
    Again {
        /// The credential's id.
        credential: String,
    },
    /// A passkey that the person does not have.
    #[error("{person} has no passkey {credential}")]
    NoPasskey {
        /// The person.
        person: String,
        /// The credential's id.
        credential: String,
    },
    /// A voucher that is no officer's word.
    #[error("the voucher for {person}: {source}")]
    Voucher {
        /// The person.
        person: String,
        /// Why.
        source: NotAnOfficersWord,
    },
    /// A voucher by an officer of another state.
    #[error("{person} serves {state}; an officer of {by} cannot vouch for them")]
    OthersVoucher {
        /// The person.
        person: String,
        /// Their state.
        state: String,
        /// The officer's.
        by: String,
    },
}

/// The text by which an officer vouches for a passkey.
///
/// ```text
/// truceline/passkey/v1
/// <origin of the centre's log>
/// <state>/<person>
/// <credential id, base64url>
/// <SHA-256 of the public key's SubjectPublicKeyInfo, 64 hexadecimal digits>
/// ```
#[must_use]
pub fn voucher_text(origin: &str, state: &str, passkey: &PasskeyBody) -> String {
    let PasskeyBody {
        person,
        credential,
        public_key,
        ..
    } = passkey;
    let key = Sha256::of(&public_key.to_der());
    format!("truceline/passkey/v1\n{origin}\n{state}/{person}\n{credential}\n{key}\n")
}

/// Vouches for a passkey with an officer's key.
///
/// # Errors
/// When the key is not an officer's of this log.
pub fn vouch(
    origin: &str,
    state: &str,
    passkey: &PasskeyBody,
    key: &SignerKey,
) -> Result<VoucherBody, SignError> {
    let (_, note) = sign_text(origin, &voucher_text(origin, state, passkey), key)?;
    Ok(VoucherBody {
        person: passkey.person.clone(),
        credential: passkey.credential.clone(),
        note,
    })
}

/// The name under which a person's passkey stands beside a signature.
#[must_use]
pub fn key_name(origin: &str, state: &str, person: &str) -> String {
    format!("{origin}/officer/{state}/{person}")
}

/// Whether `name` is the name of a person's key, and whose.
pub(crate) fn person_of(name: &str, origin: &str) -> Option<(String, String)> {
    match Role::of(name, origin) {
        Role::Officer { state, person } => Some((state, person)),
        _ => None,
    }
}

/// The persons of a centre, entry by entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    persons: BTreeMap<String, Person>,
    /// Codes by which a passkey came: none comes twice.
    used: std::collections::BTreeSet<Sha256>,
}

impl People {
    /// Takes the next entry of the log; entries about other things are passed over.
    ///
    /// # Errors
    /// [`Unheeded`] when the entry does not count.
    pub fn take(&mut self, entry: &Entry, vkeys: &Vkeys) -> Result<(), Unheeded> {
        let malformed = |e: crate::entry::EntryError| Unheeded::Body(e.to_string());
        match entry.kind.as_str() {
            PERSON => self.admit(entry.body_as().map_err(malformed)?),
            INVITATION => self.invite(entry.body_as().map_err(malformed)?),
            PASSKEY => self.register(entry.body_as().map_err(malformed)?),
            TOKEN => {
                let body: TokenBody = entry.body_as().map_err(malformed)?;
                self.standing(&body.person)?.tokens.push(body);
                Ok(())
            }
            VOUCHER => self.vouch(&entry.body_as().map_err(malformed)?, vkeys),
            REVOCATION => self.revoke(&entry.body_as().map_err(malformed)?),
            _ => Ok(()),
        }
    }

    /// The persons, by their ids.
    pub fn persons(&self) -> impl Iterator<Item = &Person> {
        self.persons.values()
    }

    /// The person of an id.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.persons.get(id)
    }

    /// The person and passkey of a credential's id, when both count.
    #[must_use]
    pub fn of_credential(&self, credential: &str) -> Option<(&Person, &Passkey)> {
        self.persons
            .values()
            .find_map(|person| Some((person, person.passkey(credential)?)))
    }

    /// The person of a token, by its hash. Whether it has expired is for who knows the time.
    #[must_use]
    pub fn of_token(&self, token_sha256: Sha256) -> Option<(&Person, &TokenBody)> {
        let standing = self.persons.values().filter(|person| !person.revoked);
        standing.into_iter().find_map(|person| {
            let token = person
                .tokens
                .iter()
                .find(|token| token.token_sha256 == token_sha256)?;
            Some((person, token))
        })
    }

    /// The invitation of a code, unless it was used or replaced, and for whom it is. Whether it has
    /// expired is for who knows the time.
    #[must_use]
    pub fn invitation(&self, code: &str) -> Option<(&Person, &InvitationBody)> {
        let hash = Sha256::of(code.as_bytes());
        let open = |person: &&Person| !person.revoked && !self.used.contains(&hash);
        self.persons.values().filter(open).find_map(|person| {
            let invitation = person
                .invitation
                .as_ref()
                .filter(|i| i.code_sha256 == hash)?;
            Some((person, invitation))
        })
    }

    fn admit(&mut self, body: PersonBody) -> Result<(), Unheeded> {
        body.check().map_err(Unheeded::Body)?;
        match self.persons.get_mut(&body.person) {
            None => {
                let (id, passkeys) = (body.person.clone(), Vec::new());
                self.persons.insert(
                    id,
                    Person {
                        body,
                        revoked: false,
                        passkeys,
                        invitation: None,
                        tokens: Vec::new(),
                    },
                );
            }
            Some(known) if known.body.state != body.state => {
                let (person, was, now) = (body.person, known.body.state.clone(), body.state);
                return Err(Unheeded::OtherState { person, was, now });
            }
            Some(known) => {
                known.body = body;
                known.revoked = false;
            }
        }
        Ok(())
    }

    fn invite(&mut self, body: InvitationBody) -> Result<(), Unheeded> {
        let person = self.standing(&body.person)?;
        person.invitation = Some(body);
        Ok(())
    }

    fn register(&mut self, body: PasskeyBody) -> Result<(), Unheeded> {
        let taken = self
            .persons
            .values()
            .flat_map(|p| &p.passkeys)
            .any(|p| p.body.credential == body.credential);
        if taken || self.used.contains(&body.invitation_sha256) {
            return Err(Unheeded::Again {
                credential: body.credential,
            });
        }
        let used = body.invitation_sha256;
        let person = self.standing(&body.person)?;
        if person.body.exercise {
            return Err(Unheeded::Body(format!(
                "{} is a part in an exercise and has no passkey",
                body.person
            )));
        }
        person.passkeys.push(Passkey {
            body,
            vouched_by: None,
            revoked: false,
        });
        self.used.insert(used);
        Ok(())
    }

    fn vouch(&mut self, body: &VoucherBody, vkeys: &Vkeys) -> Result<(), Unheeded> {
        let person = self.standing(&body.person)?;
        let (id, state) = (body.person.clone(), person.body.state.clone());
        let passkey = person
            .passkeys
            .iter_mut()
            .find(|p| p.body.credential == body.credential && !p.revoked);
        let Some(passkey) = passkey else {
            return Err(Unheeded::NoPasskey {
                person: id,
                credential: body.credential.clone(),
            });
        };
        let text = voucher_text(vkeys.origin(), &state, &passkey.body);
        let (officer, key) = match check_text(&body.note, &text, vkeys) {
            Ok(checked) => checked,
            Err(source) => return Err(Unheeded::Voucher { person: id, source }),
        };
        if officer.state != state {
            return Err(Unheeded::OthersVoucher {
                person: id,
                state,
                by: officer.state,
            });
        }
        passkey.vouched_by = Some(key);
        Ok(())
    }

    fn revoke(&mut self, body: &RevocationBody) -> Result<(), Unheeded> {
        let person = self.standing(&body.person)?;
        match &body.credential {
            None => {
                person.revoked = true;
                person.invitation = None;
                person.tokens.clear();
                person
                    .passkeys
                    .iter_mut()
                    .for_each(|passkey| passkey.revoked = true);
            }
            Some(credential) => {
                let of = person
                    .passkeys
                    .iter_mut()
                    .find(|p| p.body.credential == *credential);
                let Some(passkey) = of else {
                    let (person, credential) = (body.person.clone(), credential.clone());
                    return Err(Unheeded::NoPasskey { person, credential });
                };
                passkey.revoked = true;
            }
        }
        Ok(())
    }

    fn standing(&mut self, person: &str) -> Result<&mut Person, Unheeded> {
        let found = self.persons.get_mut(person).filter(|p| !p.revoked);
        found.ok_or_else(|| Unheeded::NoPerson {
            person: person.to_owned(),
        })
    }
}
