//! Video over a WebSocket, live and played again, in the same messages.
//!
//! Binary messages are MP4 for a `SourceBuffer` in their order: after an `init` text its header, else a picture each. Text messages are JSON:
//!
//! | `type` | says |
//! |---|---|
//! | `init` | the next binary message is a header: `codec` (RFC 6381), `width`, `height` |
//! | `metadata` | an `observation`, at `pts_90k` by the feed's clock, `media_90k` on the player's timeline; `own_time` false: placed at the picture before it |
//! | `picture` | from `media_90k` on pictures are `damaged` (bytes were lost), or no longer |
//! | `behind` | this viewer was too slow: so many messages were left out, it goes on at the newest random access point |
//! | `restarted`, `skipped` | the source began anew; bytes were left out: a header follows |
//! | `replay` | a replay begins: show from `media_90k`, at `speed` (`playbackRate`) |
//! | `end` | a replay is over, with `error` when it could not go on |

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::time::Instant;
use truceline_media::{Replay, Speed};

use super::channel::{Channel, Told};
use super::recorded::{Between, Found};
use super::{feed_id, live_feed};
use crate::http::access::Leave;
use crate::http::app::{App, Problem};

/// A viewer that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many events of a replay are read ahead.
const AHEAD: usize = 32;
/// A picture is sent so long before it is due.
const EARLY: Duration = Duration::from_millis(500);

/// The feed as it comes.
pub(super) async fn live(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let leave = Leave::new(&app, headers);
    let feed = live_feed(&app, &id)?;
    let state = json!({"type": "state", "feed": feed.state()}).to_string();
    Ok(upgrade.on_upgrade(move |socket| async move {
        let mut viewer = Viewer::new(socket, leave);
        let (channel, first, coming) = app.video().channels.join(&feed);
        // Whoever went away is gone: nobody is to be told.
        let _gone = watch(&mut viewer, &state, &channel, first, coming).await;
    }))
}

/// The viewer is gone, or may see no more.
struct Gone;

struct Viewer {
    socket: WebSocket,
    leave: Leave,
    damaged: bool,
}

impl Viewer {
    fn new(socket: WebSocket, leave: Leave) -> Self {
        Self {
            socket,
            leave,
            damaged: false,
        }
    }

    async fn message(&mut self, message: Message) -> Result<(), Gone> {
        match tokio::time::timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    async fn text(&mut self, text: &str) -> Result<(), Gone> {
        self.message(Message::text(text)).await
    }

    async fn tell(&mut self, told: Told) -> Result<(), Gone> {
        if !self.leave.holds() {
            return Err(Gone);
        }
        match told {
            Told::Init { text, bytes } => {
                self.text(&text).await?;
                self.message(Message::Binary(bytes)).await
            }
            Told::Fragment {
                bytes,
                damaged,
                media_90k,
                ..
            } => {
                if damaged != self.damaged {
                    self.damaged = damaged;
                    let text = json!({
                        "type": "picture", "damaged": damaged, "media_90k": media_90k,
                    });
                    self.text(&text.to_string()).await?;
                }
                self.message(Message::Binary(bytes)).await
            }
            Told::Text(text) => self.text(&text).await,
        }
    }

    /// Waits until the viewer goes away; what it says is not listened to.
    async fn gone(socket: &mut WebSocket) {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, Message::Close(_)) {
                return;
            }
        }
    }
}

async fn watch(
    viewer: &mut Viewer,
    state: &str,
    channel: &Channel,
    first: Vec<Told>,
    mut coming: broadcast::Receiver<Told>,
) -> Result<(), Gone> {
    viewer.text(state).await?;
    for told in first {
        viewer.tell(told).await?;
    }
    loop {
        let told = tokio::select! {
            told = coming.recv() => told,
            () = Viewer::gone(&mut viewer.socket) => return Err(Gone),
        };
        match told {
            Ok(told) => viewer.tell(told).await?,
            Err(RecvError::Lagged(messages)) => {
                let text = json!({"type": "behind", "messages": messages}).to_string();
                viewer.text(&text).await?;
                let (first, from_now) = channel.join();
                coming = from_now;
                for told in first {
                    viewer.tell(told).await?;
                }
            }
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}

/// What is asked of a replay.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    from: Timestamp,
    to: Option<Timestamp>,
    speed: Option<f64>,
}

/// How much is played again when no end is named, seconds.
const REPLAY_S: i64 = 3600;

/// What was recorded, as it would have come.
pub(super) async fn replay(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let leave = Leave::new(&app, headers);
    let feed = feed_id(&id)?;
    let speed = Speed::new(asked.speed.unwrap_or(1.0)).ok_or_else(|| {
        let why = format!("the speed is one from {} to {}", Speed::LEAST, Speed::MOST);
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why)
    })?;
    let to = asked.to.unwrap_or_else(|| {
        let end = asked.from.as_second().saturating_add(REPLAY_S);
        Timestamp::from_second(end).unwrap_or(asked.from)
    });
    let between = Between::new(asked.from, to)?;
    let found = app.video().shelf.find(&app, feed, between).await?;
    let Found {
        span,
        from_90k,
        to_90k,
        source,
    } = found;
    let replay = Replay::new(&span, source, from_90k, to_90k, speed)?;
    Ok(upgrade.on_upgrade(move |socket| async move {
        let mut viewer = Viewer::new(socket, leave);
        let _gone = play(&mut viewer, replay, from_90k, speed).await;
    }))
}

async fn play(
    viewer: &mut Viewer,
    replay: Replay<super::recorded::Segments>,
    from_90k: u64,
    speed: Speed,
) -> Result<(), Gone> {
    let (events, mut coming) = mpsc::channel(AHEAD);
    // Reads ahead of what is due, as far as the channel holds; ends when the viewer is gone.
    let reading = move || {
        for paced in replay {
            let failed = paced.is_err();
            if events.blocking_send(paced).is_err() || failed {
                return;
            }
        }
    };
    let reader = tokio::task::spawn_blocking(reading);
    let begins = json!({"type": "replay", "media_90k": from_90k, "speed": speed.times()});
    viewer.text(&begins.to_string()).await?;
    let start = Instant::now();
    let mut end = json!({"type": "end"});
    while let Some(paced) = coming.recv().await {
        match paced {
            Ok(paced) => {
                tokio::time::sleep_until(start + paced.due.saturating_sub(EARLY)).await;
                if let Some(told) = Told::of(paced.event) {
                    viewer.tell(told).await?;
                }
            }
            Err(error) => end = json!({"type": "end", "error": error.to_string()}),
        }
    }
    drop(reader);
    viewer.text(&end.to_string()).await
}
