//! `truceline site`: candidate places, ranked.

use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context as _;
use truceline_domain::Observed;
use truceline_service::centre::documents;
use truceline_siting::{Weights, geojson, page, rank, read, table};

use crate::args::{Site, SiteFormat};

pub(crate) fn run(args: &Site, json: bool) -> anyhow::Result<bool> {
    let named = |path: &Path| path.display().to_string();
    let bytes = std::fs::read(&args.candidates).with_context(|| named(&args.candidates))?;
    let candidates = read(&bytes).with_context(|| named(&args.candidates))?;
    let weights = match &args.weights {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| named(path))?;
            Weights::parse(&text).with_context(|| named(path))?
        }
        None => Weights::default(),
    };
    let documents = documents::checked(&documents::read_theatre(&args.theatre)?)?;
    let theatre = documents
        .theatre()
        .with_context(|| format!("{} has no map", args.theatre.display()))?;
    let at = args.at.map_or_else(now, Ok)?;
    let geometry = theatre.at(at);
    let procedures = documents.parsed().procedures_at(at).or_else(|| {
        let all = documents.parsed().procedures.iter();
        all.max_by_key(|p| p.version)
    });
    let rankings = rank(
        &candidates,
        theatre,
        &geometry,
        procedures,
        &weights,
        args.seed,
    );
    let default = if json {
        SiteFormat::Json
    } else {
        SiteFormat::Table
    };
    let text = match args.format.unwrap_or(default) {
        SiteFormat::Table => table(&rankings),
        SiteFormat::Json => format!("{}\n", serde_json::to_string(&rankings)?),
        SiteFormat::Geojson => format!("{}\n", geojson(&rankings)),
        SiteFormat::Html => truceline_page::html(&page(&rankings, theatre, &geometry)),
    };
    match &args.out {
        Some(path) => std::fs::write(path, text).with_context(|| named(path))?,
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(true)
}

fn now() -> anyhow::Result<Observed> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Observed::from_unix_us(i64::try_from(since.as_micros())?)?)
}
