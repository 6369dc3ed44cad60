//! `truceline picture`: what there is to see, at an instant or over all time.

use anyhow::bail;
use truceline_domain::Observed;
use truceline_store::export::{Form, feature_collection, write};
use truceline_store::{FeatureRow, GeoPackage, shows};

use crate::args::Picture;

/// The layers of a picture, from the ground up.
const LAYERS: [&str; 5] = [
    "theatre",
    "tracks",
    "footprints",
    "event_ellipses",
    "events",
];

pub(crate) fn run(args: &Picture) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir)?;
    if let Some(out) = &args.out
        && out.extension().is_some_and(|e| e == "gpkg")
    {
        if args.at.is_some() {
            bail!("a GeoPackage holds the picture of all time; leave out --at, or write .geojson");
        }
        centre.store().copy_to(out)?;
        return Ok(true);
    }
    let rows = rows(centre.store(), args.at)?;
    match &args.out {
        None => print!("{}", feature_collection(&rows)?),
        Some(out) => match Form::of(out) {
            Some(form) => write(out, form, &rows)?,
            None => bail!(
                "{}: expected a name that ends in .geojson or .gpkg",
                out.display()
            ),
        },
    }
    eprintln!("{} features", rows.len());
    Ok(true)
}

fn rows(store: &GeoPackage, at: Option<Observed>) -> anyhow::Result<Vec<FeatureRow>> {
    let mut rows = Vec::new();
    for layer in LAYERS {
        let all = store.features(layer)?;
        rows.extend(
            all.into_iter()
                .filter(|row| at.is_none_or(|at| shows(row, at))),
        );
    }
    Ok(rows)
}
