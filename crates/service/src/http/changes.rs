//! What changes at the centre, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt as _, stream};
use tokio_stream::wrappers::BroadcastStream;

use super::access::Who;
use super::app::App;
use crate::live::Change;
use crate::people::Right;

/// The state of all feeds first, then whatever changes. A listener that falls behind is told so
/// (`event: behind`), and asks for what it shows anew.
pub(super) async fn listen(
    State(app): State<App>,
    who: Who,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Subscribed before the states are read: nothing falls between.
    let changes = BroadcastStream::new(app.hub().changes());
    let sees = who.rights.has(Right::See);
    let feeds = app.hub().feeds().filter(|_| sees);
    let states: Vec<_> = feeds
        .map(|feed| Change::Feed(Box::new(feed.state())))
        .collect();
    // Who may see reports alone hears of reports alone.
    let coming = changes.filter_map(move |change| {
        std::future::ready(match change {
            Ok(change) => (sees || matches!(change, Change::Report(_))).then(|| told(&change)),
            Err(_) => Some(Event::default().event("behind").data("{}")),
        })
    });
    let first = stream::iter(states).map(|change| told(&change));
    // Whoever listens is at work; the stream ends with the session.
    let session = who.session().cloned();
    let lasts = move |_: &Event| {
        let lasts = session.as_ref().is_none_or(|session| session.lasts());
        session
            .as_ref()
            .filter(|_| lasts)
            .inspect(|session| session.touch());
        std::future::ready(lasts)
    };
    Sse::new(first.chain(coming).take_while(lasts).map(Ok)).keep_alive(beat())
}

/// A beat when nothing else was sent for a second, so that a listener knows the loss of the connection from a quiet hour.
fn beat() -> KeepAlive {
    let event = Event::default().event("alive").data("{}");
    KeepAlive::new()
        .interval(Duration::from_secs(1))
        .event(event)
}

fn told(change: &Change) -> Event {
    let name = match change {
        Change::Feed(_) => "feed",
        Change::Clock(_) => "clock",
        Change::Picture(_) => "picture",
        Change::Record { .. } => "record",
        Change::Crossing(_) => "crossing",
        Change::Alert(_) => "alert",
        Change::Report(_) => "report",
        Change::Liaison(_) => "liaison",
        Change::Shift { .. } => "shift",
        Change::Findings { .. } => "findings",
        Change::Judgement { .. } => "judgement",
    };
    let event = Event::default().event(name);
    // Numbers and names: they always have a JSON form.
    let data = serde_json::to_string(change).unwrap_or_default();
    event.data(data)
}
