//! Live sources of members' whereabouts: watched, kept as the procedures say, never recorded as a feed.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use truceline_domain::{Body, FeedId, Received, SourceId};
use truceline_intake::{Context, Format, Item, decoder};
use truceline_live::Event;
use truceline_mandate::mobility::Fix;
use truceline_mandate::mobility::owntracks::{self, Message};

use super::hub::{Change, Hub};
use crate::config::{WhereaboutsConfig, WhereaboutsFormat};
use crate::{Centre, CentreError, clock};

/// So many events lie between a source's task and its thread.
const EVENTS: usize = 256;
/// How often the thread looks whether it is to end.
const TICK: Duration = Duration::from_millis(250);

/// Starts a thread for each source; they end when `stop` is cancelled.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(
    configured: &[WhereaboutsConfig],
    centre: &Arc<Mutex<Centre>>,
    hub: &Arc<Hub>,
    runtime: &Handle,
    stop: &CancellationToken,
) -> Result<Vec<JoinHandle<()>>, CentreError> {
    let mut threads = Vec::new();
    for config in configured {
        let (events, queue) = tokio::sync::mpsc::channel(EVENTS);
        runtime.spawn(truceline_live::run(
            config.live.clone(),
            events,
            stop.clone(),
        ));
        let listener = Listener {
            format: config.format,
            centre: centre.clone(),
            hub: hub.clone(),
            stop: stop.clone(),
        };
        let handle = runtime.clone();
        let thread = std::thread::Builder::new()
            .name("whereabouts".to_owned())
            .spawn(move || listener.run(queue, &handle))
            .map_err(|source| CentreError::Io {
                doing: "starting a thread",
                path: "whereabouts".into(),
                source,
            })?;
        threads.push(thread);
    }
    Ok(threads)
}

struct Listener {
    format: WhereaboutsFormat,
    centre: Arc<Mutex<Centre>>,
    hub: Arc<Hub>,
    stop: CancellationToken,
}

impl Listener {
    fn run(self, mut events: tokio::sync::mpsc::Receiver<Event>, runtime: &Handle) {
        let mut lines = Vec::new();
        let mut cot = match (FeedId::new("whereabouts"), SourceId::new("whereabouts")) {
            (Ok(feed), Ok(source)) => decoder(Format::Cot, Context { feed, source }),
            _ => return,
        };
        while !self.stop.is_cancelled() {
            let next = runtime.block_on(async { tokio::time::timeout(TICK, events.recv()).await });
            let chunk = match next {
                Ok(Some(Event::Bytes(chunk))) => chunk,
                Ok(Some(Event::Down { why, .. })) => {
                    tracing::warn!(why, "whereabouts do not come");
                    continue;
                }
                Ok(Some(_)) | Err(_) => continue,
                Ok(None) => return,
            };
            match self.format {
                WhereaboutsFormat::OwnTracks => {
                    lines.extend_from_slice(&chunk.bytes);
                    self.lines(&mut lines, chunk.received);
                }
                WhereaboutsFormat::Cot => {
                    let mut fixes = Vec::new();
                    cot.push(&chunk.bytes, &mut |item| fixes.extend(fix_of(item)));
                    fixes
                        .into_iter()
                        .for_each(|fix| self.take(fix, chunk.received));
                }
            }
        }
    }

    fn lines(&self, lines: &mut Vec<u8>, received: Received) {
        while let Some(end) = lines.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = lines.drain(..=end).collect();
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            match owntracks::read(line) {
                Ok(Message::Location(fix)) => self.take(fix, received),
                Ok(Message::Other) => {}
                Err(error) => tracing::warn!(%error, "whereabouts that nobody can read"),
            }
        }
        if lines.len() > owntracks::MAX_BYTES {
            tracing::warn!("whereabouts in a line without an end");
            lines.clear();
        }
    }

    fn take(&self, fix: Fix, received: Received) {
        let device = fix.subject.clone();
        let mut centre = self.centre.lock().unwrap_or_else(PoisonError::into_inner);
        match centre.whereabouts(&device, fix, received) {
            Ok(crossings) => {
                for crossing in crossings {
                    self.hub.tell(Change::Crossing(Box::new(crossing)));
                }
            }
            Err(error) => tracing::warn!(%error, "whereabouts"),
        }
    }
}

fn fix_of(item: Item) -> Option<Fix> {
    let Item::Observation(observation) = item else {
        return None;
    };
    let Body::CotEvent(event) = observation.body else {
        return None;
    };
    let received = truceline_domain::Observed::from(clock::received().timestamp());
    Some(Fix {
        subject: event.uid,
        observed: observation.observed.unwrap_or(received),
        position: event.position,
        sd_m: event.ce_m.map(f64::from),
    })
}
