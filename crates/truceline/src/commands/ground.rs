//! `truceline liaison` and `truceline notice`.

use anyhow::bail;
use serde_json::json;
use truceline_domain::{Body, Notice, Observation, Position, Positive, SourceId};
use truceline_service::centre::ContactBody;
use truceline_service::clock;

use crate::args::{Contact, LiaisonStep, NoticeArgs};
use crate::tell::Lines;

pub(crate) fn liaison(step: &LiaisonStep, json: bool) -> anyhow::Result<bool> {
    match step {
        LiaisonStep::Add(contact) => add(contact, json)?,
        LiaisonStep::List { centre } => {
            let centre = super::read(&centre.dir)?;
            let mut lines = Lines::new();
            for (entry, body) in centre.contacts()? {
                if json {
                    lines.put(&json!({"entry": entry, "contact": body}))?;
                } else {
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

fn add(contact: &Contact, json: bool) -> anyhow::Result<()> {
    let centre = super::open(&contact.centre.dir)?;
    let body = ContactBody {
        at: contact.at,
        with: contact.party.clone(),
        person: contact.person.clone(),
        means: contact.means.as_str().to_owned(),
        by: contact.by.clone(),
        text: contact.text.clone(),
    };
    let entry = centre.log_contact(&body)?;
    if json {
        println!("{}", json!({"entry": entry}));
    } else {
        println!("recorded as entry {entry}");
    }
    Ok(())
}

pub(crate) fn notice(args: &NoticeArgs) -> anyhow::Result<bool> {
    if args.until <= args.from {
        bail!("--until {} is not after --from {}", args.until, args.from);
    }
    let source = SourceId::new("notices")?;
    let notice = Notice {
        window: [args.from, args.until],
        position: Position {
            lat: args.lat,
            lon: args.lon,
        },
        radius_m: Positive::new(args.radius_m)?,
        party: args.party.clone(),
        text: args.text.clone(),
    };
    let said = serde_json::to_vec(&notice)?;
    let now = || truceline_domain::Observed::from(clock::recorded().timestamp());
    let observation = Observation {
        id: Observation::id_from_content(&source, &[&said])?,
        source,
        observed: Some(args.announced.unwrap_or_else(now)),
        received: None,
        body: Body::Notice(notice),
    };
    let mut lines = Lines::new();
    lines.put(&observation)?;
    lines.end()?;
    Ok(true)
}
