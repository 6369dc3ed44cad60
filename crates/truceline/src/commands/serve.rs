//! `truceline serve`: the configured files once, then the centre at work.

use truceline_service::{Centre, theatres};

use super::ingest;
use crate::args::{FeedArgs, Serve};

pub(crate) fn run(args: &Serve) -> anyhow::Result<bool> {
    let first = &args.centre.dir;
    let folders = if args.centre.is_named {
        vec![first.clone()]
    } else {
        let all = theatres(first)?.into_iter();
        all.map(|(_, folder)| folder).collect()
    };
    let mut centres = Vec::new();
    for folder in &folders {
        let mut centre = super::open(folder)?;
        take_in_files(&mut centre)?;
        super::sign::tell_witnesses(&centre);
        centres.push(centre);
    }
    let listen = args.listen.clone();
    let listen = listen.or_else(|| Some(centres.first()?.config().listen.clone()));
    work(centres, &listen.unwrap_or_default(), "")?;
    Ok(true)
}

/// Takes in the configured files that are not in the record yet.
fn take_in_files(centre: &mut Centre) -> anyhow::Result<()> {
    let mut new = 0;
    for feed in centre.config().clone().feeds {
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
        let name = centre.dir().join(path).display().to_string();
        match ingest::one(centre, &name, &feed_args, false) {
            Ok(_) => new += 1,
            // One feed's trouble is not the centre's.
            Err(e) => eprintln!("{name}: {}", crate::tell::why(&e)),
        }
    }
    if new > 0 {
        ingest::judge(centre, false)?;
    }
    Ok(())
}

/// Runs the theatres of a centre until the process is told to end. `note` follows the address.
pub(super) fn work(centres: Vec<Centre>, listen: &str, note: &str) -> anyhow::Result<()> {
    truceline_service::serve(centres, listen, |ready| {
        // Passkeys take a host's name: this machine's is `localhost`, never 127.0.0.1.
        let host = match ready.address.ip() {
            ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
            ip => ip.to_string(),
        };
        let url = format!("http://{host}:{}", ready.address.port());
        for theatre in &ready.theatres {
            for left in &theatre.salvaged {
                eprintln!(
                    "{}: {}: {} bytes that the last process had not finished are in the record now",
                    theatre.theatre, left.feed, left.bytes
                );
            }
            if theatre.feeds > 0 {
                eprintln!("{}: {} live feeds", theatre.theatre, theatre.feeds);
            }
            if !theatre.base.is_empty() {
                eprintln!("{}: {url}{}/", theatre.theatre, theatre.base);
            }
        }
        eprintln!("open {url}/ ; Ctrl-C ends it{note}");
    })?;
    Ok(())
}
