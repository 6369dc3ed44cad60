//! Live feeds: how each is, and a door for those that post.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use tokio_util::io::{StreamReader, SyncIoBridge};
use truceline_domain::{FeedId, Sha256, SourceId};
use truceline_intake::Format;

use super::app::{App, Problem, blocking};
use crate::intake::{Input, take_in};
use crate::live::FeedState;

/// All live feeds, in order of their names.
pub(super) async fn list(State(app): State<App>) -> Json<Vec<FeedState>> {
    Json(app.hub().feeds().map(|feed| feed.state()).collect())
}

/// One live feed.
pub(super) async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<FeedState>, Problem> {
    let feed = FeedId::new(id.as_str()).ok();
    let feed = feed.and_then(|id| app.hub().feed(&id).cloned());
    feed.map(|feed| Json(feed.state()))
        .ok_or_else(|| Problem::not_found(format!("there is no live feed {id:?}")))
}

/// What is said beside posted bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Posted {
    /// Their format; recognised when left out.
    format: Option<Format>,
    /// The source that they are of when they name none.
    source: Option<SourceId>,
    /// What people call them, for messages.
    name: Option<String>,
}

/// What taking in came to. It is answered when everything is durable.
#[derive(Debug, Serialize)]
pub(super) struct TakenIn {
    format: Format,
    segments: u64,
    observations: u64,
    /// Items that were set aside, and the first reasons.
    set_aside: u64,
    faults: Vec<String>,
    tally: truceline_intake::Tally,
}

/// Takes in what is posted: observations as lines, a report, a file of any format.
pub(super) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(posted): Query<Posted>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<TakenIn>), Problem> {
    let refused = |e: truceline_domain::Refused| Problem::not_found(e.to_string());
    let feed = FeedId::new(id.as_str()).map_err(refused)?;
    let asked = feed.clone();
    let (config, place, dir) = app
        .clone()
        .with(move |centre| {
            let config = centre
                .config()
                .feeds
                .iter()
                .find(|f| f.id == asked)
                .cloned();
            Ok((config, centre.place(), centre.dir().to_path_buf()))
        })
        .await?;
    let token = config.as_ref().and_then(|c| c.token_file.as_ref());
    let token = token.and_then(|file| std::fs::read_to_string(dir.join(file)).ok());
    let token = token.map(|t| Sha256::of(t.lines().next().unwrap_or_default().trim().as_bytes()));
    if !app.is_let_in(&headers, token) {
        // Whether there is such a feed is nobody's business who shows no token.
        let why = format!("posting to {id:?} takes its token: Authorization: Bearer …");
        return Err(Problem::new(StatusCode::UNAUTHORIZED, why));
    }
    let format = posted.format.or(config.as_ref().and_then(|c| c.format));
    let own = config.map_or_else(|| SourceId::from(&feed), |c| c.source_id());
    let source = posted.source.unwrap_or(own);
    let name = posted.name.unwrap_or_else(|| format!("posted to {id}"));
    let stream = body.into_data_stream().map_err(std::io::Error::other);
    let mut reader = SyncIoBridge::new(StreamReader::new(stream));
    let taken = blocking(move || {
        let input = Input {
            name: &name,
            reader: &mut reader,
            feed,
            source,
            format,
            attached: Vec::new(),
        };
        take_in(place, input, &mut |_| {})
    })
    .await?;
    let answer = TakenIn {
        format: taken.format,
        segments: taken.segments,
        observations: taken.observations,
        set_aside: taken.tally.set_aside(),
        faults: taken.faults,
        tally: taken.tally,
    };
    let status = if answer.observations == 0 && answer.set_aside > 0 {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, Json(answer)))
}
