//! `truceline assess`: the engine alone, from a file of observations to findings on standard output.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use truceline_agreement::{Documents, File};
use truceline_domain::Observation;
use truceline_engine::Parameters;
use truceline_intake::{Context, Feed, Format, Item, Piece};
use truceline_service::centre::documents::read_theatre;
use truceline_service::source;

use crate::args::Assess;
use crate::tell::{self, Lines};

pub(crate) fn run(args: &Assess, json: bool) -> anyhow::Result<bool> {
    let documents = theatre(&args.theatre)?;
    let theatre = documents
        .theatre
        .as_ref()
        .context("the theatre has no geometry")?;
    let (observations, clean) = observations(&args.observations)?;
    let parameters = parameters(args, &documents, &observations)?;
    let bar = tell::progress("judging", None);
    let judgement = truceline_engine::judge(theatre, &observations, &parameters);
    bar.finish_and_clear();
    let mut lines = Lines::new();
    for finding in truceline_engine::findings(&documents, theatre, &observations, &judgement) {
        // The event's own members, so that a line without clauses is just the event.
        let mut line = serde_json::to_value(&finding.event)?;
        if let Value::Object(object) = &mut line
            && !documents.agreements.is_empty()
        {
            object.insert(
                "assessments".to_owned(),
                serde_json::to_value(&finding.assessments)?,
            );
        }
        lines.put(&line)?;
    }
    lines.end()?;
    let notes: Vec<_> = judgement
        .sensors
        .iter()
        .filter(|s| s.corrected)
        .map(|s| s.sentence.clone())
        .collect();
    if json {
        eprintln!(
            "{}",
            json!({"observations": observations.len(), "events": judgement.events.len(), "notes": notes})
        );
    } else {
        eprintln!(
            "{} observations, {} events",
            observations.len(),
            judgement.events.len()
        );
        notes.iter().for_each(|note| eprintln!("  {note}"));
    }
    Ok(clean)
}

fn theatre(path: &Path) -> anyhow::Result<Documents> {
    let files: Vec<(String, Vec<u8>)> = if path.is_dir() {
        let named = read_theatre(path)?;
        named
            .into_iter()
            .map(|f| (path.join(&f.path).display().to_string(), f.bytes))
            .collect()
    } else {
        let bytes = std::fs::read(path).with_context(|| format!("{}", path.display()))?;
        vec![(path.display().to_string(), bytes)]
    };
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| File::new(name, bytes))
        .collect();
    Ok(Documents::parse(&files)?)
}

/// The observations of a file; `false` when a line was set aside.
fn observations(input: &str) -> anyhow::Result<(Vec<Observation>, bool)> {
    let mut reader = source::open(input).with_context(|| input.to_owned())?;
    let mut bytes = Vec::new();
    reader
        .read_to_end(&mut bytes)
        .with_context(|| input.to_owned())?;
    let mut reader = &bytes[..];
    let context = Context {
        feed: source::stem(input).parse()?,
        source: source::stem(input).parse()?,
    };
    let mut all = Vec::new();
    let feed = Feed::open(&mut reader, Some(Format::Sensor)).with_context(|| input.to_owned())?;
    let tally = feed.read(context, &mut |piece| match piece {
        Piece::Item(Item::Observation(observation)) => all.push(*observation),
        Piece::Item(Item::Fault(fault)) => eprintln!("{input}: {fault}"),
        _ => {}
    })?;
    Ok((all, tally.set_aside() == 0))
}

/// What the procedures ask, with the threshold as given in the place of theirs.
fn parameters(
    args: &Assess,
    documents: &Documents,
    observations: &[Observation],
) -> anyhow::Result<Parameters> {
    let asked = truceline_service::centre::parameters(documents, observations);
    match args.max_wrong_accusation {
        None => Ok(asked),
        Some(p) if (0.0..0.5).contains(&p) => Ok(Parameters {
            max_wrong_accusation: p,
        }),
        Some(p) => bail!("--max-wrong-accusation {p}: expected a probability from 0 to below 0.5"),
    }
}
