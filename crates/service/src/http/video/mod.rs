//! Video of a feed as people watch it: live, played again, and as files.
//!
//! | route | answer |
//! |---|---|
//! | `GET /api/feeds/{id}/live` | WebSocket: the feed as it comes ([`socket`]) |
//! | `GET /api/feeds/{id}/live.mp4`, `…/live.ts` | the same as a file without end, for players |
//! | `GET /api/feeds/{id}/replay?from&to&speed` | WebSocket: what was recorded, in the same messages |
//! | `GET /api/feeds/{id}/replay.mp4?from&to` | what was recorded as one MP4, any range of it |
//! | `GET /api/feeds/{id}/clip?from&to&format=mp4\|ts` | a file to keep; `&proof=true`: what it is made of |
//! | `GET /api/feeds/{id}/still?at&format=jpeg\|png` | the picture shown at an instant |
//! | `GET /api/feeds/{id}/thumbnails?from&to&count` | small pictures along a time bar |
//!
//! Instants are RFC 3339, by the source's own clock where its metadata tells it, else by the centre's. Recorded means: in
//! the record, and in the segment of a live feed that is still open, as far as it had come when it was asked for.

mod channel;
mod files;
mod recorded;
mod socket;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use truceline_domain::FeedId;
use truceline_media::SpanError;
use truceline_media::still::StillError;

use self::channel::Channels;
use self::recorded::Shelf;
use super::app::{App, Problem};
use crate::live::LiveFeed;

/// What answers about video are made from.
#[derive(Default)]
pub(super) struct Video {
    channels: Arc<Channels>,
    shelf: Shelf,
}

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/feeds/{id}/live", get(socket::live))
        .route("/api/feeds/{id}/live.mp4", get(files::live_mp4))
        .route("/api/feeds/{id}/live.ts", get(files::live_ts))
        .route("/api/feeds/{id}/replay", get(socket::replay))
        .route("/api/feeds/{id}/replay.mp4", get(files::replay_mp4))
        .route("/api/feeds/{id}/clip", get(files::clip))
        .route("/api/feeds/{id}/still", get(files::still))
        .route("/api/feeds/{id}/thumbnails", get(files::thumbnails))
}

fn feed_id(id: &str) -> Result<FeedId, Problem> {
    FeedId::new(id).map_err(|e| Problem::not_found(e.to_string()))
}

/// The live feed of a name.
fn live_feed(app: &App, id: &str) -> Result<Arc<LiveFeed>, Problem> {
    let feed = app.hub().feed(&feed_id(id)?).cloned();
    feed.ok_or_else(|| Problem::not_found(format!("there is no live feed {id:?}")))
}

impl From<SpanError> for Problem {
    fn from(error: SpanError) -> Self {
        let status = match &error {
            SpanError::Nothing { .. } => StatusCode::NOT_FOUND,
            SpanError::Codec { .. } | SpanError::TooMuch { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            SpanError::OutOfRange { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            SpanError::Read { .. } | SpanError::Changed { .. } | SpanError::Box(_) => {
                tracing::error!(%error, "recorded video cannot be shown");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self::new(status, error.to_string())
    }
}

impl From<StillError> for Problem {
    fn from(error: StillError) -> Self {
        match error {
            StillError::Span(error) => error.into(),
            error => Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        }
    }
}
