//! Questions that were put to somebody's passkey and wait for an answer. Each is answered once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use truceline_record::deed::Deed;
use truceline_record::signature::SignatureBody;

use crate::http::Problem;

/// How long a question waits: people look for their key.
pub(in crate::http) const WAITS: Duration = Duration::from_secs(5 * 60);
/// So many at once; beyond, the oldest is forgotten.
const MOST: usize = 4096;

/// What was asked.
#[derive(Debug, Clone)]
pub(in crate::http) enum Asked {
    /// To log in; as this person when one was named.
    Login {
        /// What the passkey answers to.
        challenge: Vec<u8>,
        /// Who it must be.
        person: Option<String>,
    },
    /// To make a passkey by an invitation.
    Register {
        /// What the passkey answers to.
        challenge: Vec<u8>,
        /// The invitation's code.
        code: String,
    },
    /// To sign: the body waits for the assertion.
    Decide {
        /// Who was asked.
        person: String,
        /// What will be recorded.
        body: Box<SignatureBody>,
    },
    /// To sign a statement: the deed waits for the assertion.
    Deed {
        /// Who was asked.
        person: String,
        /// The deed's kind.
        kind: &'static str,
        /// What will be recorded.
        deed: Box<Deed>,
    },
}

/// All questions, by their ids.
#[derive(Debug, Default)]
pub(in crate::http) struct Ceremonies(Mutex<HashMap<String, (Instant, Asked)>>);

impl Ceremonies {
    /// Remembers what was asked; returns the question's id.
    pub(in crate::http) fn ask(&self, asked: Asked) -> Result<String, Problem> {
        let id = crate::serve::token()?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (at, _)| at.elapsed() < WAITS);
        if all.len() >= MOST {
            let oldest = all
                .iter()
                .min_by_key(|(_, (at, _))| *at)
                .map(|(id, _)| id.clone());
            oldest.map(|id| all.remove(&id));
        }
        all.insert(id.clone(), (Instant::now(), asked));
        Ok(id)
    }

    /// What was asked under this id, which is then forgotten: no answer counts twice.
    pub(in crate::http) fn answered(&self, id: &str) -> Result<Asked, Problem> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = all.remove(id).filter(|(at, _)| at.elapsed() < WAITS);
        let gone = || {
            Problem::new(
                StatusCode::CONFLICT,
                "this question was answered already, or waited too long; ask anew",
            )
        };
        asked.map(|(_, asked)| asked).ok_or_else(gone)
    }
}
