//! `truceline serve`: the configured files once, then the centre at work.

use super::ingest;
use crate::args::{FeedArgs, Serve};

pub(crate) fn run(args: &Serve) -> anyhow::Result<bool> {
    let mut centre = super::open(&args.centre.dir)?;
    let config = centre.config().clone();
    let mut new = 0;
    for feed in &config.feeds {
        // A file is taken in once: its segments stand in the record.
        let Some(path) = &feed.path else { continue };
        if centre.store().has_feed(feed.id.as_str())? {
            continue;
        }
        let feed_args = FeedArgs {
            feed: Some(feed.id.to_string()),
            source: feed.source.as_ref().map(ToString::to_string),
            format: feed.format,
        };
        let name = args.centre.dir.join(path).display().to_string();
        match ingest::one(&mut centre, &name, &feed_args, false) {
            Ok(_) => new += 1,
            // One feed's trouble is not the centre's.
            Err(e) => eprintln!("{name}: {}", crate::tell::why(&e)),
        }
    }
    if new > 0 {
        ingest::judge(&mut centre, false)?;
    }
    super::sign::tell_witnesses(&centre);
    let listen = args.listen.as_deref().unwrap_or(&config.listen);
    work(centre, listen, "")?;
    Ok(true)
}

/// Runs the centre until the process is told to end. `note` follows the address.
pub(super) fn work(
    centre: truceline_service::Centre,
    listen: &str,
    note: &str,
) -> anyhow::Result<()> {
    truceline_service::serve(centre, listen, |ready| {
        for left in &ready.salvaged {
            eprintln!(
                "{}: {} bytes that the last process had not finished are in the record now",
                left.feed, left.bytes
            );
        }
        if ready.feeds > 0 {
            eprintln!("{} live feeds", ready.feeds);
        }
        // Passkeys take a host's name: this machine's is `localhost`, never 127.0.0.1.
        let host = match ready.address.ip() {
            ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
            ip => ip.to_string(),
        };
        eprintln!(
            "open http://{host}:{}/ ; Ctrl-C ends it{note}",
            ready.address.port()
        );
    })?;
    Ok(())
}
