//! Live sources on the command line: a runtime, an end, and `decode` of an address.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use truceline_intake::{Context, Decoder, Format, Item, Tally, decoder};
use truceline_live::{Event, Missed, Source};

use super::decode::context;
use crate::args::FeedArgs;
use crate::tell::{self, Lines};

/// At most so many faults are told one by one; the rest is counted.
const TOLD_FAULTS: u64 = 100;
/// So many events wait for the decoder.
const WAITING: usize = 256;

/// A runtime of one thread: what is live here waits more than it works.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be set up")
}

/// Cancels `stop` at Ctrl-C, or after so long.
pub(crate) fn until_interrupted(
    stop: &CancellationToken,
    after: Option<Duration>,
) -> AbortOnDropHandle<()> {
    let stop = stop.clone();
    AbortOnDropHandle::new(tokio::spawn(async move {
        let over = async {
            match after {
                Some(after) => tokio::time::sleep(after).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => {
                if let Err(e) = interrupted {
                    tracing::warn!("Ctrl-C cannot be heeded: {e}");
                    std::future::pending::<()>().await;
                }
            }
            () = over => {}
        }
        stop.cancel();
    }))
}

/// Observations of a live source as NDJSON, until Ctrl-C, for so long, or until the source ends.
pub(crate) fn decode(
    address: &str,
    args: &FeedArgs,
    after: Option<Duration>,
    as_json: bool,
    lines: &mut Lines,
) -> anyhow::Result<bool> {
    let source: Source = address.parse()?;
    let mut args = args.clone();
    // A name that fits, since an address is none.
    args.feed.get_or_insert_with(|| "live".to_owned());
    let mut reading = Reading {
        name: source.to_string(),
        context: context(address, &args)?,
        format: args.format.or(source.format()),
        head: Vec::new(),
        decoder: None,
        tally: Tally::default(),
        missing: BTreeMap::new(),
        faults: 0,
        lines,
    };
    runtime()?.block_on(async {
        let stop = CancellationToken::new();
        let _ended = until_interrupted(&stop, after);
        let (out, mut events) = mpsc::channel(WAITING);
        let task = AbortOnDropHandle::new(tokio::spawn(truceline_live::run(source, out, stop)));
        while let Some(event) = events.recv().await {
            reading.event(event)?;
        }
        drop(task);
        reading.end(as_json)
    })
}

/// What is read of a source.
struct Reading<'l> {
    name: String,
    context: Context,
    format: Option<Format>,
    /// Bytes that came before the format was known.
    head: Vec<u8>,
    decoder: Option<Box<dyn Decoder>>,
    tally: Tally,
    missing: BTreeMap<Missed, u64>,
    faults: u64,
    lines: &'l mut Lines,
}

impl Reading<'_> {
    fn event(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Connected { peer } => eprintln!("{}: connected, {peer}", self.name),
            Event::Bytes(chunk) => return self.bytes(&chunk.bytes),
            Event::Missing { what, count } => *self.missing.entry(what).or_default() += count,
            Event::Restarted { why } => {
                eprintln!("{}: begins anew: {why}", self.name);
                return self.restart();
            }
            Event::Down { why, retry_in } => match retry_in {
                Some(wait) if !wait.is_zero() => {
                    eprintln!(
                        "{}: {why}; tried again in {:.1} s",
                        self.name,
                        wait.as_secs_f64()
                    );
                }
                _ => eprintln!("{}: {why}", self.name),
            },
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if self.decoder.is_none() {
            self.head.extend_from_slice(bytes);
            self.format = self.format.or_else(|| Format::recognise(&self.head));
            let Some(format) = self.format else {
                if self.head.len() >= Format::HEAD_BYTES {
                    anyhow::bail!(
                        "none of the formats knows its first bytes; name one with --format"
                    );
                }
                return Ok(());
            };
            self.decoder = Some(decoder(format, self.context.clone()));
            let head = std::mem::take(&mut self.head);
            return self.push(Some(&head));
        }
        self.push(Some(bytes))
    }

    /// Hands bytes to the decoder, or tells it that the feed has ended.
    fn push(&mut self, bytes: Option<&[u8]>) -> anyhow::Result<()> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(());
        };
        let mut failed = None;
        let mut sink = |item: Item| match item {
            Item::Observation(observation) if failed.is_none() => {
                failed = self.lines.put(&*observation).err();
            }
            Item::Fault(fault) => {
                self.faults += 1;
                if self.faults <= TOLD_FAULTS {
                    eprintln!("{}: {fault}", self.name);
                }
            }
            _ => {}
        };
        match bytes {
            Some(bytes) => decoder.push(bytes, &mut sink),
            None => decoder.finish(&mut sink),
        }
        // Whoever reads a live source reads it now.
        let failed = failed.or(self.lines.flush().err());
        failed.map_or(Ok(()), |e| Err(e.into()))
    }

    /// What follows is another stream.
    fn restart(&mut self) -> anyhow::Result<()> {
        self.push(None)?;
        if let Some(decoder) = self.decoder.take() {
            self.tally.join(&decoder.tally());
            let format = self.format.unwrap_or(Format::Fmv);
            self.decoder = Some(truceline_intake::decoder(format, self.context.clone()));
        }
        Ok(())
    }

    fn end(mut self, as_json: bool) -> anyhow::Result<bool> {
        self.push(None)?;
        if let Some(decoder) = self.decoder.take() {
            self.tally.join(&decoder.tally());
        }
        let format = self.format.map_or("unknown", Format::as_str);
        if as_json {
            let missing: BTreeMap<_, _> =
                self.missing.iter().map(|(w, n)| (w.as_str(), n)).collect();
            eprintln!(
                "{}",
                json!({"input": self.name, "format": format, "tally": self.tally, "missing": missing})
            );
        } else {
            if self.faults > TOLD_FAULTS {
                eprintln!(
                    "{}: and {} faults more",
                    self.name,
                    self.faults - TOLD_FAULTS
                );
            }
            for (what, count) in &self.missing {
                eprintln!("{}: {count} {what}", self.name);
            }
            tell::tally(&self.name, format, &self.tally);
        }
        Ok(self.tally.set_aside() == 0)
    }
}
