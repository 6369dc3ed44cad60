//! `truceline sign` and `truceline dissent`.

use std::path::Path;

use serde::Deserialize;
use serde_json::json;
use truceline_record::SignerKey;
use truceline_record::signature::{self, Decision, Standing};

use super::{Writer, at_work};

use crate::args::{Dissent, Sign, whole_id};

pub(crate) fn sign(args: &Sign, json: bool) -> anyhow::Result<bool> {
    decide(
        &args.centre.dir,
        &args.finding,
        &args.key,
        Decision::Determined,
        None,
        json,
    )
}

pub(crate) fn dissent(args: &Dissent, json: bool) -> anyhow::Result<bool> {
    let reason = Some(args.reason.as_str());
    decide(
        &args.centre.dir,
        &args.finding,
        &args.key,
        Decision::Dissent,
        reason,
        json,
    )
}

fn decide(
    dir: &Path,
    typed: &str,
    key: &Path,
    decision: Decision,
    reason: Option<&str>,
    json: bool,
) -> anyhow::Result<bool> {
    let key = SignerKey::load(key)?;
    let (id, entry, standing) = match super::open_or_find(dir)? {
        Writer::Here(mut centre) => {
            let id = whole_id(typed, centre.finding_ids()?)?;
            let signed = centre.decide(&id, decision, reason, &key)?;
            tell_witnesses(&centre);
            (id, signed.entry, signed.standing)
        }
        Writer::AtWork(control) => {
            // Signed here, where the key is; only the signature leaves this process.
            let centre = super::read(dir)?;
            let id = whole_id(typed, centre.finding_ids()?)?;
            let sha256 = centre.case(&id)?.body.sha256;
            let body =
                signature::sign(&centre.config().origin, &id, sha256, decision, reason, &key)?;
            drop(centre);
            let path = format!("/api/findings/{id}/decisions");
            let taken: Taken = at_work::post_json(&control, &path, &body)?;
            (id, taken.entry, taken.standing)
        }
    };
    if json {
        println!(
            "{}",
            json!({"finding": id, "entry": entry, "standing": standing})
        );
    } else {
        println!("{id}: {decision} by {}, entry {entry}", key.name());
        println!("{}", words(&standing));
    }
    Ok(true)
}

/// What the centre at work answers.
#[derive(Deserialize)]
struct Taken {
    entry: u64,
    standing: Standing,
}

/// How a finding stands, in a sentence.
fn words(standing: &Standing) -> String {
    match standing {
        Standing::Open => "open: nobody has signed".to_owned(),
        Standing::HalfSigned { by } => {
            format!(
                "half-signed by {by}: not determined until the other sending state signs the same bytes"
            )
        }
        Standing::Determined { .. } => {
            "determined: both sending states have signed the same bytes".to_owned()
        }
        Standing::Dissented { by } => {
            let who: Vec<_> = by
                .iter()
                .map(|o| format!("{} ({})", o.person, o.state))
                .collect();
            format!("not determined; dissent by {}", who.join(", "))
        }
        Standing::Superseded { by } => format!("superseded by {by}"),
    }
}

/// Has the new checkpoint cosigned; a witness that is away is told, and asked again with the next.
pub(super) fn tell_witnesses(centre: &truceline_service::Centre) {
    match centre.cosign() {
        Ok(None) => {
            eprintln!("no witness is configured: the checkpoint has the log's signature alone")
        }
        Ok(Some(gathered)) if gathered.has_quorum() => {}
        Ok(Some(gathered)) => {
            eprintln!(
                "{} of {} cosignatures; the next checkpoint will be sent again:",
                gathered.cosigned, gathered.quorum
            );
            for (name, outcome) in &gathered.outcomes {
                eprintln!("  {name}: {outcome:?}");
            }
        }
        Err(e) => eprintln!("the checkpoint was not cosigned: {e}"),
    }
}
