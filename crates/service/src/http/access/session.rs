//! Sessions: who logged in, for how long. They live in memory alone: when the process ends, everyone
//! logs in again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use truceline_domain::{Recorded, Sha256};

use crate::{CentreError, clock};

/// The cookie's name.
pub(in crate::http) const COOKIE: &str = "truceline_session";
/// A session ends after so long without a request or a page that listens.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// And after so long in any case: a shift.
pub(in crate::http) const WHOLE: Duration = Duration::from_secs(12 * 3600);
/// So many cookies of a request are looked at.
const MOST_SHOWN: usize = 8;
/// So many sessions at once; beyond, the oldest ends.
const MOST: usize = 4096;

/// Somebody who logged in.
#[derive(Debug)]
pub(in crate::http) struct Session {
    /// Whose.
    pub(in crate::http) person: String,
    /// Whether they play a part in an exercise.
    pub(in crate::http) exercise: bool,
    /// What requests that change something show.
    pub(in crate::http) csrf: String,
    began: Instant,
    used: Mutex<Instant>,
}

impl Session {
    /// Whether a request shows this session's word.
    pub(super) fn is_meant(&self, shown: &str) -> bool {
        // Hashes are compared, so that the time it takes tells nothing.
        Sha256::of(shown.as_bytes()) == Sha256::of(self.csrf.as_bytes())
    }

    /// Whoever listens to what changes is at work.
    pub(in crate::http) fn touch(&self) {
        *held(&self.used) = Instant::now();
    }

    /// Whether it has not ended.
    pub(in crate::http) fn lasts(&self) -> bool {
        self.left() > Duration::ZERO
    }

    fn left(&self) -> Duration {
        let used = *held(&self.used);
        let ends = (used + IDLE).min(self.began + WHOLE);
        ends.saturating_duration_since(Instant::now())
    }

    /// When it ends if nothing more comes.
    pub(in crate::http) fn expires(&self) -> Recorded {
        clock::recorded().plus_seconds(self.left().as_secs_f64())
    }
}

/// All sessions, by the hash of their cookie's value.
#[derive(Debug, Default)]
pub(in crate::http) struct Sessions(Mutex<HashMap<Sha256, Arc<Session>>>);

impl Sessions {
    /// Begins a session; returns the cookie's value.
    pub(in crate::http) fn begin(
        &self,
        person: &str,
        exercise: bool,
    ) -> Result<(String, Arc<Session>), CentreError> {
        let (cookie, csrf) = (crate::serve::token()?, crate::serve::token()?);
        let now = Instant::now();
        let session = Session {
            person: person.to_owned(),
            exercise,
            csrf,
            began: now,
            used: Mutex::new(now),
        };
        let session = Arc::new(session);
        let mut all = held(&self.0);
        all.retain(|_, session| session.lasts());
        if all.len() >= MOST {
            let oldest = all
                .iter()
                .min_by_key(|(_, session)| session.began)
                .map(|(key, _)| *key);
            oldest.map(|key| all.remove(&key));
        }
        all.insert(Sha256::of(cookie.as_bytes()), session.clone());
        Ok((cookie, session))
    }

    /// The session whose cookie a request shows.
    pub(super) fn find(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        let all = held(&self.0);
        let mut shown = cookies_sha256(headers).filter_map(|key| all.get(&key));
        let session = shown.find(|session| session.lasts())?.clone();
        session.touch();
        Some(session)
    }

    /// Ends the session whose cookie a request shows.
    pub(in crate::http) fn end(&self, headers: &HeaderMap) {
        let mut all = held(&self.0);
        for key in cookies_sha256(headers) {
            all.remove(&key);
        }
    }
}

/// Hashes of the cookies of this name: where several theatres answer, a browser may show the session of each
/// whose path the request's lies below.
fn cookies_sha256(headers: &HeaderMap) -> impl Iterator<Item = Sha256> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let pairs = cookies
        .flat_map(|all| all.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    // More than a browser would show are not looked at: each costs a hash.
    pairs
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, value)| Sha256::of(value.as_bytes()))
        .take(MOST_SHOWN)
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
