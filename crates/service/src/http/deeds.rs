//! Statements that people sign in the browser: by an assertion of their passkey over the very text that a
//! key would sign, or, in an exercise, by a key that the centre holds. Or they come signed already.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use truceline_record::deed::{Approval, ByPasskey, Deed};
use truceline_record::people::key_name;
use truceline_record::signature::Method;
use truceline_record::{KeyError, SignerKey};

use axum::http::StatusCode;

use super::access::{Asked, Who};
use super::app::{App, Problem, blocking};
use super::desk::passkey_options;
use super::session::{Answer, AssertionJson, other_question};
use crate::CentreError;

/// A statement as it comes: signed where the keys are, or the answer to a question that was put before.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Coming {
    Signed(Box<Deed>),
    Answer(Answer<Option<AssertionJson>>),
}

impl Coming {
    /// The signed deed of a kind. One that comes signed says by itself who it is of; an answer must be of
    /// the person who was asked.
    pub(super) async fn deed(
        self,
        app: &App,
        who: &Who,
        kind: &'static str,
    ) -> Result<Deed, Problem> {
        let answer = match self {
            Self::Signed(deed) => return Ok(*deed),
            Self::Answer(answer) => answer,
        };
        let Asked::Deed {
            person,
            kind: asked,
            deed,
        } = app.ceremonies().answered(&answer.id)?
        else {
            return Err(other_question());
        };
        let of = who.as_person()?;
        if person != of.person {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "somebody else was asked to sign this",
            ));
        }
        if asked != kind {
            return Err(other_question());
        }
        let origin = app.directory().origin.clone();
        if is_exercise(who) {
            return play(app, *deed, kind, origin, of.state.clone()).await;
        }
        let assertion = answer.credential.ok_or_else(other_question)?.into();
        let by = key_name(&origin, &of.state, &of.person);
        let mut deed = *deed;
        deed.approvals
            .push(Approval::Passkey(ByPasskey { by, assertion }));
        Ok(deed)
    }
}

fn is_exercise(who: &Who) -> bool {
    who.session().is_some_and(|session| session.exercise)
}

/// Puts a statement before whoever is logged in: the text that will be signed, and what their passkey is
/// asked. That they may sign it is for the route to say.
pub(super) fn ask(
    app: &App,
    who: &Who,
    kind: &'static str,
    statement: &impl Serialize,
) -> Result<Value, Problem> {
    let person = who.as_person()?;
    let unfit =
        |e: &dyn std::fmt::Display| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, e.to_string());
    let deed = Deed::of(statement).map_err(|e| unfit(&e))?;
    let origin = app.directory().origin.clone();
    let text = deed.text(kind, &origin).map_err(|e| unfit(&e))?;
    let (options, method) = if is_exercise(who) {
        (Value::Null, Method::Exercise)
    } else {
        (passkey_options(app, person, &text)?, Method::Webauthn)
    };
    let id = app.ceremonies().ask(Asked::Deed {
        person: person.person.clone(),
        kind,
        deed: Box::new(deed),
    })?;
    Ok(
        json!({"id": id, "text": text, "statement": statement, "options": options, "method": method}),
    )
}

/// Signs for whoever plays the part, with the key that the exercise keeps at the centre, and says so.
async fn play(
    app: &App,
    deed: Deed,
    kind: &'static str,
    origin: String,
    state: String,
) -> Result<Deed, Problem> {
    let dir = app.dir().to_path_buf();
    let played = blocking(move || {
        let key = exercise_key(&dir, &state)?;
        deed.played(kind, &origin, &key)
            .map_err(|e| CentreError::Refused(e.to_string()))
    });
    Ok(played.await?)
}

/// The key by which an exercise signs for a state: its officers', or the host's officials'.
pub(super) fn exercise_key(dir: &Path, state: &str) -> Result<SignerKey, CentreError> {
    let load = |part: &str| SignerKey::load(&dir.join(format!("keys/{part}-{state}.key")));
    let key = match load("officer") {
        Err(KeyError::Io { .. }) => load("official"),
        other => other,
    };
    key.map_err(|e| match e {
        KeyError::Io { .. } => {
            CentreError::Refused("this exercise keeps no key for that state".to_owned())
        }
        other => other.into(),
    })
}
