//! One live feed's thread: what its source tells becomes segments, observations, gaps and a state.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;
use truceline_domain::{Body, Observation, Received};
use truceline_intake::{Context, Decoder, Format, Item, decoder};
use truceline_live::{Chunk, Event};
use truceline_record::segment::Limits;

use super::clock::{Clock, ClockState};
use super::clock_entries::ClockEntries;
use super::gaps::{Gaps, SILENCE_S};
use super::hub::{Change, LiveFeed, OpenSegment, Stage, Stages};
use super::state::{Condition, Patience};
use crate::intake::{FeedIntake, Place};
use crate::{CentreError, clock};

/// How often a feed is looked at when nothing comes.
const TICK: Duration = Duration::from_millis(250);
/// How long a record that refuses is left alone before it is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// Rates are over so many seconds.
const RATE_S: f64 = 4.0;
/// A feed's clock is judged so often.
const JUDGED: Duration = Duration::from_secs(1);
/// The open segment is told anew so often while it grows.
const OPEN_TOLD: Duration = Duration::from_millis(100);
/// What was set aside goes to the record so often, seconds.
const ASIDE_S: f64 = 30.0;

/// Records one feed until it is told to stop.
pub(super) struct Worker {
    pub(super) feed: Arc<LiveFeed>,
    pub(super) place: Place,
    pub(super) patience: Option<Patience>,
    pub(super) stages: Stages,
    pub(super) stop: CancellationToken,
}

/// What belongs to the stretch of bytes since the source (re)started.
struct Run {
    intake: FeedIntake,
    decoder: Box<dyn Decoder>,
    format: Format,
}

/// What the worker remembers from one event to the next.
struct Memory {
    run: Option<Run>,
    /// First bytes of a feed whose format they have yet to tell.
    head: Vec<u8>,
    clock: Clock,
    clock_entries: ClockEntries,
    gaps: Gaps,
    last: Option<Received>,
    /// When it went away, and why.
    away: Option<(Received, String)>,
    ended: bool,
    /// Segments of the stretches before.
    segments: u64,
    rate: (Instant, u64),
    aside: Instant,
    /// When its clock was judged last.
    judged: Instant,
    /// Where the open segment began that was told last, and when it was told.
    open: (Option<u64>, Instant),
    items: Vec<Item>,
}

impl Worker {
    /// Runs on a thread of its own; `events` is what the source's task tells.
    pub(super) fn run(self, mut events: Receiver<Event>, runtime: &Handle) {
        let mut memory = Memory {
            run: None,
            head: Vec::new(),
            clock: Clock::default(),
            clock_entries: ClockEntries::new(self.feed.id.clone()),
            gaps: Gaps::new(self.feed.id.clone()),
            last: None,
            away: None,
            ended: false,
            segments: 0,
            rate: (Instant::now(), 0),
            aside: Instant::now(),
            judged: Instant::now(),
            open: (None, Instant::now()),
            items: Vec::new(),
        };
        let mut ticked = Instant::now();
        while !self.stop.is_cancelled() {
            let next = runtime.block_on(async { tokio::time::timeout(TICK, events.recv()).await });
            match next {
                Ok(Some(event)) => self.event(&mut memory, event),
                Ok(None) => break,
                Err(_) => {}
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                self.tick(&mut memory);
            }
        }
        // What is still in the queue was received: it is recorded before the end.
        events.close();
        while let Ok(event) = events.try_recv() {
            self.event(&mut memory, event);
        }
        self.end_run(&mut memory);
        let now = clock::received();
        let gaps = memory.gaps.commit(&self.place, now, true);
        if let Err(error) = gaps.and(memory.clock_entries.commit(&self.place)) {
            tracing::error!(feed = %self.feed.id, %error, "a gap did not enter the record");
        }
    }

    fn event(&self, memory: &mut Memory, event: Event) {
        match event {
            Event::Connected { peer } => {
                tracing::info!(feed = %self.feed.id, peer, "connected");
                self.feed.change(|state| state.connections += 1);
            }
            Event::Bytes(chunk) => self.bytes(memory, &chunk),
            Event::Missing { what, count } => {
                memory.gaps.lose(what.as_str(), count, clock::received());
                self.feed.change(|state| {
                    *state.missing.entry(what.as_str().to_owned()).or_default() += count;
                });
            }
            Event::Restarted { why } => {
                self.end_run(memory);
                let now = clock::received();
                let first = memory.last.unwrap_or(now);
                memory
                    .gaps
                    .silence(first, now, &format!("began anew: {why}"));
                memory.away = None;
                memory.clock.restart();
                self.stages.send(Stage::Restarted);
                tracing::info!(feed = %self.feed.id, why, "began anew");
            }
            Event::Down { why, retry_in } => {
                memory.ended = retry_in.is_none();
                let now = clock::received();
                // What came before stands in the record at once, not when it comes back.
                self.end_run(memory);
                let condition = if memory.ended {
                    Condition::Ended
                } else {
                    Condition::Lost
                };
                if memory.away.is_none() {
                    memory.away = Some((memory.last.unwrap_or(now), why.clone()));
                    tracing::warn!(feed = %self.feed.id, why, "lost");
                }
                self.becomes(condition, Some(why), now);
            }
        }
    }

    fn bytes(&self, memory: &mut Memory, chunk: &Chunk) {
        let now = chunk.received;
        self.back(memory, now);
        if memory.run.is_none() {
            memory.head.extend_from_slice(&chunk.bytes);
            let Some(format) = self.format(&memory.head) else {
                return;
            };
            memory.run = Some(self.begin(format, now));
            let head = std::mem::take(&mut memory.head);
            self.take(memory, &head, chunk);
        } else {
            self.take(memory, &chunk.bytes, chunk);
        }
        memory.rate.1 += chunk.bytes.len() as u64;
    }

    /// The feed is there (again): a silence before it becomes a gap.
    fn back(&self, memory: &mut Memory, now: Received) {
        if let Some((since, why)) = memory.away.take() {
            memory.gaps.silence(since, now, &why);
        } else if let Some(last) = memory.last {
            let silent = now.seconds_since(last) >= SILENCE_S;
            if silent && self.patience().is_some_and(|p| p.stale_s.is_some()) {
                memory.gaps.silence(last, now, "silent");
            }
        }
        memory.last = Some(now);
        let mut is_up = true;
        self.feed.change(|state| {
            state.last_received = Some(now);
            is_up = state.condition == Condition::Up;
        });
        if !is_up {
            self.becomes(Condition::Up, None, now);
        }
    }

    /// The format as configured, as the address tells, or as the first bytes tell.
    fn format(&self, head: &[u8]) -> Option<Format> {
        self.feed.format.or_else(|| {
            let enough = head.len() >= Format::HEAD_BYTES;
            let known = Format::recognise(head);
            if enough && known.is_none() {
                let why = "none of the formats knows its bytes; name one with `format`";
                self.becomes(Condition::Stale, Some(why.to_owned()), clock::received());
            }
            // Bytes that nobody knows are video until told otherwise: they are recorded.
            known
                .filter(|_| enough || head.len() >= 1024)
                .or(enough.then_some(Format::Fmv))
        })
    }

    fn begin(&self, format: Format, now: Received) -> Run {
        let limits = match format {
            Format::Fmv | Format::Mavlink => Limits::LIVE,
            // Readings and reports are judged when they stand in the record.
            _ => Limits {
                due_s: 1.0,
                max_s: 2.0,
                ..Limits::LIVE
            },
        };
        let (feed, source) = (self.feed.id.clone(), self.feed.source.clone());
        let intake = FeedIntake::new(self.place.clone(), feed.clone(), format, limits, 0);
        self.feed
            .change(|state| state.format = Some(format.as_str()));
        Run {
            intake: intake.live(now),
            decoder: decoder(format, Context { feed, source }),
            format,
        }
    }

    /// Recorded first, then decoded, then shown.
    fn take(&self, memory: &mut Memory, bytes: &[u8], chunk: &Chunk) {
        let Some(run) = &mut memory.run else { return };
        if !self.record(run, bytes, chunk.received) {
            memory.gaps.lose(
                "bytes that the disk did not take",
                bytes.len() as u64,
                chunk.received,
            );
            return;
        }
        self.stages.send(Stage::Bytes(Chunk {
            bytes: if bytes.len() == chunk.bytes.len() {
                chunk.bytes.clone()
            } else {
                bytes.to_vec().into()
            },
            ..chunk.clone()
        }));
        let items = &mut memory.items;
        run.decoder.push(bytes, &mut |item| items.push(item));
        self.feed.change(|state| state.bytes += bytes.len() as u64);
        for item in std::mem::take(items) {
            self.item(memory, item, chunk.received);
        }
        self.tell_open(memory, false);
    }

    /// Puts bytes into the record. While the disk refuses it is tried again, and what comes meanwhile
    /// waits in the queue or is lost there, counted. `false` when they were not recorded.
    fn record(&self, run: &mut Run, bytes: &[u8], received: Received) -> bool {
        loop {
            match run.intake.bytes(bytes, received) {
                Ok(()) => return true,
                Err(error) if error.is_storage() && !self.stop.is_cancelled() => {
                    let why = format!("the disk refuses: {error}");
                    self.becomes(Condition::StorageFull, Some(why), clock::received());
                    std::thread::sleep(RETRY);
                }
                Err(error) => {
                    tracing::error!(feed = %self.feed.id, %error, "not recorded");
                    self.becomes(Condition::StorageFull, Some(error.to_string()), received);
                    return false;
                }
            }
        }
    }

    fn item(&self, memory: &mut Memory, item: Item, received: Received) {
        let Some(run) = &mut memory.run else { return };
        let done = match item {
            Item::Cut(cut) => run.intake.cut(cut),
            Item::Fault(fault) => {
                self.feed.change(|state| state.faults += 1);
                run.intake.fault(fault);
                Ok(())
            }
            Item::Observation(mut observation) => {
                observation.received.get_or_insert(received);
                let observation = Arc::new(*observation);
                let done = run.intake.observation((*observation).clone());
                self.observed(memory, &observation, received);
                self.stages.send(Stage::Observation(observation));
                done
            }
        };
        if let Err(error) = done {
            tracing::error!(feed = %self.feed.id, %error, "not recorded");
        }
    }

    fn observed(&self, memory: &mut Memory, observation: &Observation, received: Received) {
        let Some(at) = observation.observed else {
            self.feed.change(|state| state.observations += 1);
            return;
        };
        let pts_90k = match &observation.body {
            Body::FmvMetadata(m) => m.pts_90k,
            _ => None,
        };
        if let Some(jump) = memory.clock.push(at, received, pts_90k)
            && self.runs_on()
        {
            tracing::warn!(feed = %self.feed.id, from = %jump.from, to = %jump.to, by_s = jump.by_s, "its clock jumped");
            memory.clock_entries.jumped(&jump, received);
        }
        self.feed.change(|state| {
            state.observations += 1;
            state.last_observed = Some(at);
        });
    }

    fn tick(&self, memory: &mut Memory) {
        let now = clock::received();
        let mut refused = None;
        if let Some(run) = &mut memory.run {
            refused = run.intake.tick(now).err();
            let segments = memory.segments + run.intake.recorded().0;
            self.feed.change(|state| state.segments = segments);
            if run.intake.faults() > 0 && memory.aside.elapsed().as_secs_f64() >= ASIDE_S {
                memory.aside = Instant::now();
                refused = run.intake.set_aside().err().or(refused);
            }
        }
        if memory.judged.elapsed() >= JUDGED {
            memory.judged = Instant::now();
            self.judge_clock(memory, now);
        }
        let told = memory.gaps.commit(&self.place, now, false);
        let told = told.and(memory.clock_entries.commit(&self.place));
        refused = told.err().or(refused);
        self.tell_open(memory, true);
        let elapsed_s = memory.rate.0.elapsed().as_secs_f64();
        if elapsed_s >= RATE_S {
            let bits_per_s = memory.rate.1 as f64 * 8.0 / elapsed_s;
            memory.rate = (Instant::now(), 0);
            self.feed.change(|state| state.bits_per_s = bits_per_s);
        }
        self.judge(memory, now, refused);
    }

    /// Whether its source tells of what is now, all the time: of reports and readings, which are sent when
    /// somebody comes to it, lateness says nothing of a clock.
    fn runs_on(&self) -> bool {
        let format = self.feed.format_now();
        format.is_some_and(|f| matches!(f, Format::Fmv | Format::Mavlink))
    }

    fn judge_clock(&self, memory: &mut Memory, now: Received) {
        let mut judged = memory.clock.state();
        if !self.runs_on() {
            judged = ClockState {
                offset_ms: None,
                offset_sd_ms: None,
                found: None,
                ..judged
            };
        }
        let mut against = Vec::new();
        self.feed.change(|state| {
            state.clock = judged;
            against.clone_from(&state.clock_against);
        });
        memory.clock_entries.judged(&judged, now);
        memory.clock_entries.compared(&against, now);
        for found in memory.clock_entries.news() {
            self.stages.tell(Change::Clock(Box::new(found)));
        }
    }

    /// What the feed's condition is now.
    fn judge(&self, memory: &Memory, now: Received, refused: Option<CentreError>) {
        if let Some(error) = refused {
            let condition = Condition::StorageFull;
            return self.becomes(condition, Some(error.to_string()), now);
        }
        if memory.away.is_some() || memory.ended {
            return;
        }
        let Some(last) = memory.last else { return };
        let silence_s = now.seconds_since(last);
        let condition = self
            .patience()
            .map_or(Condition::Up, |p| p.judge(silence_s));
        let why = match condition {
            Condition::Up => None,
            _ => Some(format!("nothing came since {last}")),
        };
        self.becomes(condition, why, now);
    }

    fn patience(&self) -> Option<Patience> {
        let usual = || self.feed.format_now().map(Patience::usual);
        self.patience.or_else(usual)
    }

    fn becomes(&self, condition: Condition, why: Option<String>, now: Received) {
        let mut changed = false;
        self.feed
            .change(|state| changed = state.becomes(condition, why, now));
        if changed {
            self.stages.tell(Change::Feed(Box::new(self.feed.state())));
        }
    }

    /// Tells what the open segment is, at once when it is another and else now and then.
    fn tell_open(&self, memory: &mut Memory, is_due: bool) {
        let Some(run) = &memory.run else {
            return self.feed.set_open(None);
        };
        let begins = run.intake.open_begins();
        if !is_due && begins == memory.open.0 && memory.open.1.elapsed() < OPEN_TOLD {
            return;
        }
        memory.open = (begins, Instant::now());
        let open = run.intake.open_file().map(|file| OpenSegment {
            file,
            format: run.format,
        });
        self.feed.set_open(open);
    }

    /// The stretch of bytes ends: what the decoder still holds is told, and everything is recorded.
    fn end_run(&self, memory: &mut Memory) {
        let Some(mut run) = memory.run.take() else {
            return;
        };
        memory.head.clear();
        let mut items = Vec::new();
        run.decoder.finish(&mut |item| items.push(item));
        memory.run = Some(run);
        let now = clock::received();
        for item in items {
            self.item(memory, item, now);
        }
        let Some(mut run) = memory.run.take() else {
            return;
        };
        while let Err(error) = run.intake.finish().and_then(|()| run.intake.set_aside()) {
            tracing::error!(feed = %self.feed.id, %error, "the end of a feed did not enter the record");
            if !error.is_storage() || self.stop.is_cancelled() {
                // Its open file stays, and is taken in when the centre opens next.
                break;
            }
            self.becomes(Condition::StorageFull, Some(error.to_string()), now);
            std::thread::sleep(RETRY);
        }
        memory.segments += run.intake.recorded().0;
        self.feed.change(|state| state.segments = memory.segments);
        self.feed.set_open(None);
    }
}
