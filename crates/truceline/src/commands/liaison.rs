//! `truceline liaison` and `truceline notice`.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;
use truceline_domain::{Observed, Positive, SourceId};
use truceline_service::centre::{Announcement, ContactBody};
use truceline_service::clock;

use super::{Writer, at_work};
use crate::args::{Contact, LiaisonStep, NoticeArgs};
use crate::tell::Lines;

/// What the centre at work answers.
#[derive(Deserialize)]
struct Recorded {
    entry: u64,
}

pub(crate) fn run(step: &LiaisonStep, json: bool) -> anyhow::Result<bool> {
    match step {
        LiaisonStep::Add(contact) => add(contact, json)?,
        LiaisonStep::List { centre } => {
            let centre = super::read(&centre.dir)?;
            let mut lines = Lines::new();
            for row in centre.contacts() {
                if json {
                    lines.put(row)?;
                } else {
                    let body = &row.contact;
                    println!(
                        "{}  {}  {} ({}), by {}: {}",
                        body.at, body.means, body.with, body.person, body.by, body.text
                    );
                }
            }
            lines.end()?;
        }
    }
    Ok(true)
}

/// Writes a contact down: here, or by the centre at work.
fn add(contact: &Contact, json: bool) -> anyhow::Result<()> {
    let body = ContactBody {
        at: contact.at,
        with: contact.party.clone(),
        person: contact.person.clone(),
        means: contact.means.into(),
        by: contact.by.clone(),
        text: contact.text.clone(),
    };
    let entry = match super::open_or_find(&contact.centre.dir)? {
        Writer::Here(mut centre) => centre.log_contact(&body)?.entry,
        Writer::AtWork(control) => {
            let taken: Recorded = at_work::post_json(&control, "/api/liaison", &body)?;
            taken.entry
        }
    };
    if json {
        println!("{}", json!({"entry": entry}));
    } else {
        println!("recorded as entry {entry}");
    }
    Ok(())
}

pub(crate) fn notice(args: &NoticeArgs) -> anyhow::Result<bool> {
    let announcement = Announcement {
        from: args.from,
        until: args.until,
        lat: args.lat,
        lon: args.lon,
        radius_m: Positive::new(args.radius_m).context("--radius-m")?,
        party: args.party.clone(),
        text: args.text.clone(),
    };
    let now = || Observed::from(clock::recorded().timestamp());
    let at = args.announced.unwrap_or_else(now);
    let observation = announcement.observation(SourceId::new("notices")?, at)?;
    let mut lines = Lines::new();
    lines.put(&observation)?;
    lines.end()?;
    Ok(true)
}
