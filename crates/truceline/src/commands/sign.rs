//! `truceline sign` and `truceline dissent`.

use std::path::Path;

use serde_json::json;
use truceline_record::SignerKey;
use truceline_record::signature::{Decision, Standing};

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
    let mut centre = super::open(dir)?;
    let id = whole_id(typed, centre.finding_ids()?)?;
    let signed = centre.decide(&id, decision, reason, &key)?;
    tell_witnesses(&centre);
    if json {
        println!(
            "{}",
            json!({"finding": id, "entry": signed.entry, "standing": signed.standing})
        );
    } else {
        println!(
            "{id}: {} by {}, entry {}",
            decision,
            key.name(),
            signed.entry
        );
        println!("{}", words(&signed.standing));
    }
    Ok(true)
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
