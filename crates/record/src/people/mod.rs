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

mod bodies;

use std::collections::BTreeMap;

use truceline_domain::Sha256;

use crate::entry::Entry;
use crate::key::{Role, SignerKey};
use crate::signature::{NotAnOfficersWord, SignError, check_text, sign_text};
use crate::vkeys::Vkeys;

pub use bodies::{
    INVITATION, InvitationBody, KINDS, PASSKEY, PERSON, PasskeyBody, PersonBody, REVOCATION,
    RevocationBody, TOKEN, TokenBody, VOUCHER, VoucherBody,
};

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
