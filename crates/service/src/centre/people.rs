//! Persons of the centre: admitted, invited, vouched for, revoked. Each step is an entry.

use std::sync::{Arc, PoisonError, RwLock};

use truceline_domain::{Observed, Recorded, Sha256};
use truceline_record::people::{
    INVITATION, InvitationBody, PASSKEY, PERSON, PasskeyBody, People, PersonBody, REVOCATION,
    RevocationBody, TOKEN, TokenBody, VOUCHER, VoucherBody, vouch,
};
use truceline_record::{Draft, SignerKey};

use crate::people::{ADMINISTRATOR, DEFAULTS, Directory};
use crate::{Centre, CentreError, clock};

/// An invitation as it is handed to the person.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The code, which is told once and kept nowhere.
    pub code: String,
    /// Until when it can be used.
    pub expires: Recorded,
}

/// Who asks for what they may do; shared with those who answer requests, so that they need not wait for
/// a judgement that is under way.
#[derive(Debug, Clone, Default)]
pub struct SharedDirectory(Arc<RwLock<Arc<Directory>>>);

impl SharedDirectory {
    /// As it stands now.
    #[must_use]
    pub fn now(&self) -> Arc<Directory> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, directory: Directory) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
    }
}

/// How long an invitation can be used, seconds: three days, so that it outlives a journey.
const INVITED_S: f64 = 3.0 * 86_400.0;

/// How long a token can be used, seconds: ninety days.
const TOKEN_S: f64 = 90.0 * 86_400.0;

impl Centre {
    /// The persons.
    #[must_use]
    pub fn people(&self) -> &People {
        self.desk.people()
    }

    /// Persons and procedures as requests are held against them.
    #[must_use]
    pub fn directory(&self) -> SharedDirectory {
        self.directory.clone()
    }

    /// Makes the shared directory anew.
    pub(super) fn renew_directory(&self) {
        let parsed = self.documents.parsed();
        let latest = || {
            parsed
                .procedures
                .iter()
                .filter(|p| p.is_approved())
                .max_by_key(|p| p.version)
        };
        let procedures = parsed
            .procedures_at(Observed::from(clock::recorded().timestamp()))
            .or_else(latest);
        self.directory.set(Directory {
            origin: self.config.origin.clone(),
            theatre: Some(self.config.theatre.clone()),
            people: self.people().clone(),
            procedures: procedures.cloned(),
        });
    }

    /// Admits a person, or changes their name, roles or theatres. `by` is who says so.
    ///
    /// # Errors
    /// When the state is none of this centre's, a role is unknown, a machine administrator would have
    /// another role, or the person would change their state. Nothing is recorded then.
    pub fn admit(&mut self, body: &PersonBody, by: &str) -> Result<u64, CentreError> {
        let (mut states, host) = self.documents.states();
        states.extend(host);
        if !states.contains(&body.state) {
            let known = states.join(", ");
            return Err(CentreError::Refused(format!(
                "{:?} is no state of this centre; expected one of {known}",
                body.state
            )));
        }
        let directory = self.directory.now();
        let ruled = directory
            .procedures
            .iter()
            .flat_map(|p| &p.roles)
            .map(|role| role.id.as_str());
        let known: Vec<&str> = ruled.chain(DEFAULTS.map(|(role, _)| role)).collect();
        if let Some(unknown) = body
            .roles
            .iter()
            .find(|role| !known.contains(&role.as_str()))
        {
            let why = format!(
                "{unknown:?} is no role; expected one of {}",
                known.join(", ")
            );
            return Err(CentreError::Refused(why));
        }
        if body.roles.len() > 1 && body.roles.iter().any(|role| role == ADMINISTRATOR) {
            let why =
                format!("who is {ADMINISTRATOR} looks after machines alone and has no other role");
            return Err(CentreError::Refused(why));
        }
        self.put_person(PERSON, body, by)
    }

    /// Invites a person to register a passkey; an earlier invitation ends.
    ///
    /// # Errors
    /// When there is no such person, or no randomness.
    pub fn invite(&mut self, person: &str, by: &str) -> Result<Invited, CentreError> {
        let code = random_code()?;
        let expires = clock::recorded().plus_seconds(INVITED_S);
        let body = InvitationBody {
            person: person.to_owned(),
            code_sha256: Sha256::of(code.as_bytes()),
            expires,
        };
        self.put_person(INVITATION, &body, by)?;
        Ok(Invited {
            code,
            expires: body.expires,
        })
    }

    /// Records a passkey that came by an invitation.
    ///
    /// # Errors
    /// When the invitation was used or has expired, or the credential is somebody's already.
    pub fn register(&mut self, code: &str, body: &PasskeyBody) -> Result<u64, CentreError> {
        let open = self.people().invitation(code);
        let open = open.filter(|(person, invitation)| {
            person.body.person == body.person && invitation.expires > clock::recorded()
        });
        if open.is_none() {
            return Err(CentreError::Refused(
                "this invitation was used or has expired".to_owned(),
            ));
        }
        self.put_person(PASSKEY, body, &body.person)
    }

    /// Makes a token by which a program of the person reads; it is told once.
    ///
    /// # Errors
    /// When there is no such person, or no randomness.
    pub fn make_token(&mut self, person: &str, name: &str) -> Result<Invited, CentreError> {
        if name.is_empty() || name.len() > 100 || name.chars().any(char::is_control) {
            return Err(CentreError::Refused(
                "a token takes a name of 1 to 100 bytes".to_owned(),
            ));
        }
        let code = format!("tl-{}", random_code()?);
        let body = TokenBody {
            person: person.to_owned(),
            name: name.to_owned(),
            token_sha256: Sha256::of(code.as_bytes()),
            expires: clock::recorded().plus_seconds(TOKEN_S),
        };
        self.put_person(TOKEN, &body, person)?;
        Ok(Invited {
            code,
            expires: body.expires,
        })
    }

    /// Vouches for a person's passkeys that nobody has vouched for, as an officer of their state.
    ///
    /// # Errors
    /// When there is no such person or passkey, or the key is no officer's of their state.
    pub fn vouch_for(&mut self, person: &str, key: &SignerKey) -> Result<usize, CentreError> {
        let bodies = self.vouchers(person, key)?;
        for body in &bodies {
            self.take_voucher(body)?;
        }
        Ok(bodies.len())
    }

    /// The vouchers that an officer's key gives for a person, for those who sign elsewhere.
    ///
    /// # Errors
    /// When there is no such person, they have no passkey that needs one, or the key is no officer's.
    pub fn vouchers(&self, person: &str, key: &SignerKey) -> Result<Vec<VoucherBody>, CentreError> {
        let known = self.people().person(person).filter(|known| !known.revoked);
        let known = known
            .ok_or_else(|| CentreError::Refused(format!("{person} is no person of this centre")))?;
        let open = known
            .passkeys
            .iter()
            .filter(|passkey| !passkey.revoked && passkey.vouched_by.is_none());
        let vouched =
            open.map(|passkey| vouch(&self.config.origin, &known.body.state, &passkey.body, key));
        let vouched: Vec<_> = vouched
            .collect::<Result<_, _>>()
            .map_err(|e| CentreError::Refused(e.to_string()))?;
        if vouched.is_empty() {
            return Err(CentreError::Refused(format!(
                "{person} has no passkey that nobody has vouched for"
            )));
        }
        Ok(vouched)
    }

    /// Takes a voucher that was made elsewhere.
    ///
    /// # Errors
    /// When it is not the word of an officer of the person's state.
    pub fn take_voucher(&mut self, body: &VoucherBody) -> Result<u64, CentreError> {
        let by = self.config.origin.clone();
        self.put_person(VOUCHER, body, &by)
    }

    /// Revokes a person, or one passkey of theirs.
    ///
    /// # Errors
    /// When there is no such person or passkey.
    pub fn revoke(&mut self, body: &RevocationBody, by: &str) -> Result<u64, CentreError> {
        self.put_person(REVOCATION, body, by)
    }

    /// Records an entry about a person after holding it against the rules: what would not count is
    /// refused, not written.
    fn put_person(
        &mut self,
        kind: &str,
        body: &impl serde::Serialize,
        by: &str,
    ) -> Result<u64, CentreError> {
        let draft = Draft::new(kind, &self.config.theatre, by, body)?;
        let trial = draft.clone().stamped(clock::recorded());
        let taken = self.people().clone().take(&trial, &self.record.vkeys()?);
        taken.map_err(|unheeded| CentreError::Refused(unheeded.to_string()))?;
        let entry = self.record.append(draft)?.index;
        self.catch_up()?;
        Ok(entry)
    }
}

/// 160 random bits in Crockford's base 32, in groups that can be read out.
fn random_code() -> Result<String, CentreError> {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| CentreError::Refused(format!("no randomness: {e}")))?;
    let digit = |byte: &u8| char::from(DIGITS.get(usize::from(byte & 31)).copied().unwrap_or(b'0'));
    let digits: Vec<char> = bytes.iter().map(digit).collect();
    let groups: Vec<String> = digits
        .chunks(8)
        .map(|group| group.iter().collect())
        .collect();
    Ok(groups.join("-"))
}
