//! `truceline serve`: the configured feeds once, then the pages.

use truceline_service::http;

use super::ingest;
use crate::args::{FeedArgs, Serve};

pub(crate) fn run(args: &Serve) -> anyhow::Result<bool> {
    let mut centre = super::open(&args.centre.dir)?;
    let config = centre.config().clone();
    let mut new = 0;
    for feed in &config.feeds {
        // A file is taken in once: its segments stand in the record.
        if centre.store().has_feed(feed.id.as_str())? {
            continue;
        }
        let feed_args = FeedArgs {
            feed: Some(feed.id.to_string()),
            source: feed.source.as_ref().map(ToString::to_string),
            format: feed.format,
        };
        let path = args.centre.dir.join(&feed.path);
        let name = path.display().to_string();
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
    // The writer's lock is given back, so that officers can sign while pages are served.
    drop(centre);
    let listen = args.listen.as_deref().unwrap_or(&config.listen);
    http::serve_centre(&args.centre.dir, listen, |address| {
        eprintln!("open http://{address}/ ; Ctrl-C ends it");
    })?;
    Ok(true)
}
