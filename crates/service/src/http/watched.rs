//! What was watched in a span, made once for all who ask: an hour of twenty drones is a million statements to read.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::sync::OnceCell;
use truceline_agreement::{Documents, Theatre};
use truceline_domain::Observed;
use truceline_engine::Hour;

use super::app::{App, Problem, blocking};
use super::watch::Ground;
use crate::CentreError;

/// It is made anew after so long: what came late is in it then.
const KEPT: Duration = Duration::from_secs(60);
/// So many spans are kept.
const SPANS: usize = 8;

/// In which parts a span is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum By {
    /// As one.
    #[default]
    Span,
    /// By the hour.
    Hour,
}

/// Which part of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Of {
    pub(super) from: Observed,
    pub(super) to: Observed,
    pub(super) by: By,
}

/// What was watched, and over which ground.
#[derive(Debug)]
pub(super) struct Watched {
    parsed: Documents,
    pub(super) rows: Vec<Hour>,
}

impl Watched {
    pub(super) fn theatre(&self) -> Result<&Theatre, CentreError> {
        theatre(&self.parsed)
    }
}

/// The ground in force.
pub(super) fn theatre(parsed: &Documents) -> Result<&Theatre, CentreError> {
    let none = || CentreError::Refused("the record has no geometry".to_owned());
    parsed.theatre.as_ref().ok_or_else(none)
}

/// The spans that were made lately, or are being made.
#[derive(Debug, Default)]
pub(super) struct Spans(Mutex<Vec<Made>>);

#[derive(Debug)]
struct Made {
    of: Of,
    at: Instant,
    watched: Arc<OnceCell<Arc<Watched>>>,
}

impl Spans {
    /// What was watched in a span, at most a minute old. Who asks while it is made waits for the same.
    pub(super) async fn get(&self, app: App, of: Of) -> Result<Arc<Watched>, Problem> {
        let place = self.place(of);
        let watched = place.get_or_try_init(|| make(app, of)).await?;
        Ok(Arc::clone(watched))
    }

    fn place(&self, of: Of) -> Arc<OnceCell<Arc<Watched>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|made| made.at.elapsed() < KEPT);
        if let Some(made) = all.iter().find(|made| made.of == of) {
            return Arc::clone(&made.watched);
        }
        if all.len() >= SPANS {
            all.remove(0);
        }
        let watched = Arc::new(OnceCell::new());
        all.push(Made {
            of,
            at: Instant::now(),
            watched: Arc::clone(&watched),
        });
        watched
    }
}

async fn make(app: App, of: Of) -> Result<Arc<Watched>, Problem> {
    let Of { from, to, by } = of;
    let ground = Ground::of(app, from, to).await?;
    let made = blocking(move || {
        let mut covered = ground
            .watching
            .between(theatre(&ground.parsed)?, from, to)?;
        let whole = |stretch| Hour {
            from,
            until: to,
            stretch,
        };
        let rows = match by {
            By::Hour => covered.hours(from, to),
            By::Span => covered.stretches(from, to).into_iter().map(whole).collect(),
        };
        Ok(Arc::new(Watched {
            parsed: ground.parsed,
            rows,
        }))
    });
    Ok(made.await?)
}
