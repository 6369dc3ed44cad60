//! Video as files: without end while it comes, by ranges when recorded, and to keep.

use std::ops::Range;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::{Stream, StreamExt as _, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use truceline_domain::{FmvMetadata, Observed};
use truceline_intake::Format as FeedFormat;
use truceline_media::still::{self, Format};
use truceline_media::{Derived, Film, SpanError, transport_clip};

use super::channel::Told;
use super::recorded::{Between, Found};
use super::{feed_id, live_feed};
use crate::CentreError;
use crate::http::access::Leave;
use crate::http::app::{App, Problem, blocking};
use crate::live::Stage;

/// A film is made in pieces of so many bytes.
const PIECE: u64 = 4 << 20;
const MP4: &str = "video/mp4";
const TRANSPORT: &str = "video/mp2t";

/// The feed as it comes, as one MP4 without end. It ends when the picture's size or coding changes, since few players
/// follow that within a file; who plays it begins anew.
pub(super) async fn live_mp4(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let leave = Leave::new(&app, headers);
    let feed = live_feed(&app, &id)?;
    let (channel, first, coming) = app.video().channels.join(&feed);
    let state = (channel, first.into_iter(), coming, false);
    let parts = stream::unfold(
        state,
        |(channel, mut first, mut coming, begun)| async move {
            loop {
                let told = match first.next() {
                    Some(told) => told,
                    None => match coming.recv().await {
                        Ok(told) => told,
                        Err(RecvError::Lagged(_)) => {
                            // From the newest random access point on, without its header: that is the same.
                            let (again, from_now) = channel.join();
                            first = again.into_iter();
                            coming = from_now;
                            continue;
                        }
                        Err(RecvError::Closed) => return None,
                    },
                };
                let bytes = match told {
                    Told::Init { .. } if begun && first.len() == 0 => return None,
                    Told::Init { .. } if begun => continue,
                    Told::Init { bytes, .. } => bytes,
                    Told::Fragment { bytes, .. } if begun => bytes,
                    Told::Fragment { .. } | Told::Text(_) => continue,
                };
                return Some((
                    Ok::<Bytes, std::io::Error>(bytes),
                    (channel, first, coming, true),
                ));
            }
        },
    );
    Ok(without_end(MP4, parts, leave))
}

/// The feed's own bytes as they come.
pub(super) async fn live_ts(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let leave = Leave::new(&app, headers);
    let feed = live_feed(&app, &id)?;
    if feed.format_now().is_some_and(|f| f != FeedFormat::Fmv) {
        let why = format!("{id:?} is no video");
        return Err(Problem::new(StatusCode::CONFLICT, why));
    }
    let parts = stream::unfold(feed.watch(), |mut stages| async move {
        loop {
            match stages.recv().await {
                Ok(Stage::Bytes(chunk)) => {
                    return Some((Ok::<Bytes, std::io::Error>(chunk.bytes), stages));
                }
                // A transport stream is found again by any player.
                Ok(Stage::Observation(_) | Stage::Restarted) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Ok(without_end(TRANSPORT, parts, leave))
}

/// Goes on while there is something, and while whoever asked may have it.
fn without_end(
    kind: &'static str,
    parts: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    mut leave: Leave,
) -> Response {
    let parts = parts.take_while(move |_| std::future::ready(leave.holds()));
    let body = Body::from_stream(parts);
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}

/// From when to when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    from: Timestamp,
    to: Timestamp,
}

/// What was recorded as one MP4, or a range of it (RFC 9110 §14).
pub(super) async fn replay_mp4(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let between = Between::new(asked.from, asked.to)?;
    let found = app.video().shelf.find(&app, feed_id(&id)?, between).await?;
    let film = Film::new(&found.span, found.from_90k, found.to_90k)?;
    let etag = format!("\"{}\"", film.etag());
    let told = |name| {
        headers
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
    };
    if told(header::IF_NONE_MATCH).is_some_and(|tags| tags.contains(&etag)) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let same = told(header::IF_RANGE).is_none_or(|tag| tag == etag);
    let length = film.length();
    let asked = told(header::RANGE).filter(|_| same);
    let range = match asked.map(|text| one_range(text, length)) {
        Some(Asks::Part(range)) => Some(range),
        Some(Asks::Nothing) => {
            return Err(SpanError::OutOfRange {
                from: length,
                to: length,
                length,
            }
            .into());
        }
        Some(Asks::Other) | None => None,
    };
    let part = range.clone().unwrap_or(0..length);
    let mut answer = Response::builder()
        .header(header::CONTENT_TYPE, MP4)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, &etag)
        .header(header::CONTENT_LENGTH, part.end - part.start);
    if let Some(range) = &range {
        let told = format!("bytes {}-{}/{length}", range.start, range.end - 1);
        answer = answer
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, told);
    }
    let body = pieces(Arc::new(film), found.source, part);
    answer
        .body(body)
        .map_err(|e| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
}

/// A part of a film, made piece by piece as it is taken.
fn pieces(film: Arc<Film>, source: super::recorded::Segments, part: Range<u64>) -> Body {
    let parts = stream::unfold(part.start, move |at| {
        let (film, source) = (Arc::clone(&film), source.clone());
        let end = part.end.min(at.saturating_add(PIECE));
        async move {
            if at >= end {
                return None;
            }
            let made = tokio::task::spawn_blocking(move || film.read(at..end, &source)).await;
            let made = made
                .map_err(std::io::Error::other)
                .and_then(|made| made.map_err(std::io::Error::other));
            // After an error nothing can follow: the answer is cut short, which its length shows.
            let next = if made.is_ok() { end } else { u64::MAX };
            Some((made.map(Bytes::from), next))
        }
    });
    Body::from_stream(parts)
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asks {
    Part(Range<u64>),
    /// A part that is not there.
    Nothing,
    /// Several parts, or another unit: the whole may be sent (RFC 9110 §14.2).
    Other,
}

fn one_range(text: &str, length: u64) -> Asks {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|r| r.split_once('-')) else {
        return Asks::Other;
    };
    let range = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..length,
        (Err(_), Ok(count)) if first.trim().is_empty() => length.saturating_sub(count)..length,
        _ => return Asks::Other,
    };
    if range.is_empty() || range.start >= length {
        return Asks::Nothing;
    }
    Asks::Part(range)
}

/// What a clip is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClipAsked {
    from: Timestamp,
    to: Timestamp,
    format: Option<ClipFormat>,
    /// What it is made of, instead of the clip itself.
    proof: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClipFormat {
    #[default]
    Mp4,
    Ts,
}

/// A clip to keep, or what it is made of.
pub(super) async fn clip(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<ClipAsked>,
) -> Result<Response, Problem> {
    let between = Between::new(asked.from, asked.to)?;
    let found = app.video().shelf.find(&app, feed_id(&id)?, between).await?;
    let format = asked.format.unwrap_or_default();
    let made = run(move || {
        let Found {
            span,
            from_90k,
            to_90k,
            source,
        } = found;
        let (derived, tables_bytes, starts) = match format {
            ClipFormat::Mp4 => {
                let film = Film::new(&span, from_90k, to_90k)?;
                (film.whole(&source)?, 0, film.shown_from_90k())
            }
            ClipFormat::Ts => {
                let clip = transport_clip(&span, from_90k, to_90k, &source)?;
                (clip.derived, clip.tables_bytes, clip.starts_90k)
            }
        };
        let open = source.open().map(
            |open| json!({"sha256": open.sha256, "bytes": open.bytes.len(), "offset": open.offset}),
        );
        Ok::<_, SpanError>((derived, tables_bytes, span.observed_at(starts), open))
    });
    let (derived, tables_bytes, starts, open) = made.await?;
    if asked.proof.unwrap_or(false) {
        let mut proof = json!({
            "sha256": derived.sha256, "bytes": derived.bytes.len(), "made_from": derived.from,
            "tables_bytes": tables_bytes, "starts": starts,
        });
        // Not in the record yet under this name.
        if let (Some(open), Some(proof)) = (open, proof.as_object_mut()) {
            proof.insert("open_segment".to_owned(), open);
        }
        return Ok(Json(proof).into_response());
    }
    let (kind, ending) = match format {
        ClipFormat::Mp4 => (MP4, "mp4"),
        ClipFormat::Ts => (TRANSPORT, "ts"),
    };
    Ok(to_keep(derived, kind, &id, starts, ending))
}

/// A file to keep, with its hash beside it.
fn to_keep(
    derived: Derived,
    kind: &'static str,
    feed: &str,
    at: Option<Observed>,
    ending: &str,
) -> Response {
    // Names of feeds and times hold no quotes; colons are not for file names.
    let time = at.map_or_else(String::new, |t| format!("-{t}").replace(':', ""));
    let name = format!("attachment; filename=\"{feed}{time}.{ending}\"");
    let headers = [
        ("content-type", kind.to_owned()),
        ("content-disposition", name),
        ("truceline-sha256", derived.sha256.to_string()),
    ];
    (headers, derived.bytes).into_response()
}

/// Which still.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StillAsked {
    at: Timestamp,
    format: Option<StillFormat>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StillFormat {
    #[default]
    Jpeg,
    Png,
}

/// The picture shown at an instant.
pub(super) async fn still(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<StillAsked>,
) -> Result<Response, Problem> {
    let between = Between::new(asked.at, asked.at)?;
    let found = app.video().shelf.find(&app, feed_id(&id)?, between).await?;
    let (format, ending) = match asked.format.unwrap_or_default() {
        StillFormat::Jpeg => (Format::Jpeg, "jpg"),
        StillFormat::Png => (Format::Png, "png"),
    };
    let made = run(move || {
        still::still(
            &found.span,
            found.from_90k,
            format,
            &FmvMetadata::corners,
            &found.source,
        )
    });
    let made = made.await?;
    let observed = made.facts.observed;
    Ok(to_keep(
        made.derived,
        format.media_type(),
        &id,
        observed,
        ending,
    ))
}

/// Which small pictures.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThumbnailsAsked {
    from: Timestamp,
    to: Timestamp,
    count: Option<usize>,
}

/// A small picture of a time bar.
#[derive(Debug, Serialize)]
pub(super) struct Small {
    /// The instant it stands for.
    at: Option<Observed>,
    /// When it was shown.
    shown: Option<Observed>,
    /// A `data:` address.
    image: String,
    sha256: truceline_domain::Sha256,
    made_from: Vec<truceline_media::Origin>,
}

/// Small pictures along a time bar.
pub(super) async fn thumbnails(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<ThumbnailsAsked>,
) -> Result<Json<Vec<Small>>, Problem> {
    let between = Between::new(asked.from, asked.to)?;
    let found = app.video().shelf.find(&app, feed_id(&id)?, between).await?;
    let count = asked.count.unwrap_or(20);
    let made = run(move || {
        let (span, source) = (&found.span, &found.source);
        let made = still::thumbnails(span, found.from_90k, found.to_90k, count, source)?;
        let small = made.into_iter().map(|thumbnail| Small {
            at: span.observed_at(thumbnail.at_90k),
            shown: span.observed_at(thumbnail.pts_90k),
            image: format!(
                "data:image/jpeg;base64,{}",
                BASE64.encode(&thumbnail.derived.bytes)
            ),
            sha256: thumbnail.derived.sha256,
            made_from: thumbnail.derived.from,
        });
        Ok::<_, still::StillError>(small.collect())
    });
    Ok(Json(made.await?))
}

/// Runs what reads segments off the threads that answer requests.
async fn run<T: Send + 'static, E: Into<Problem> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Problem> {
    let done = blocking(move || Ok::<_, CentreError>(work())).await?;
    done.map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_has_them() {
        for (text, asks) in [
            ("bytes=0-99", Asks::Part(0..100)),
            ("bytes=900-", Asks::Part(900..1000)),
            ("bytes=-100", Asks::Part(900..1000)),
            ("bytes=990-2000", Asks::Part(990..1000)),
            ("bytes=-2000", Asks::Part(0..1000)),
            ("bytes=1000-", Asks::Nothing),
            ("bytes=-0", Asks::Nothing),
            ("bytes=5-1", Asks::Other),
            ("bytes=0-1,5-9", Asks::Other),
            ("lines=0-1", Asks::Other),
        ] {
            assert_eq!(one_range(text, 1000), asks, "{text}");
        }
    }
}
