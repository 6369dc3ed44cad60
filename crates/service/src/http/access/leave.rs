//! Whoever listens for long: whether they still may is asked again and again, since a session may end and a person be
//! revoked while an answer goes on.

use std::time::{Duration, Instant};

use axum::http::HeaderMap;

use crate::http::app::App;
use crate::people::Rights;

/// So often.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// The leave to hear what an answer goes on to tell.
pub(in crate::http) struct Leave {
    app: App,
    headers: HeaderMap,
    rights: Rights,
    asked: Instant,
    holds: bool,
}

impl Leave {
    /// Of whoever asks with these headers, whom the guard has let in.
    pub(in crate::http) fn new(app: &App, headers: HeaderMap) -> Self {
        let rights = app.who(&headers).map(|who| who.rights);
        Self {
            app: app.clone(),
            headers,
            rights: rights.unwrap_or_default(),
            asked: Instant::now(),
            holds: rights.is_some(),
        }
    }

    /// Whether it holds still: whoever asked is known, and may what they might. A listener is at work, so that their
    /// session goes on.
    pub(in crate::http) fn holds(&mut self) -> bool {
        if self.holds && self.asked.elapsed() >= ASKED_EVERY {
            self.asked = Instant::now();
            let who = self.app.who(&self.headers);
            self.holds = who.is_some_and(|who| who.rights == self.rights);
        }
        self.holds
    }
}
