//! `truceline export`.

use anyhow::bail;
use truceline_store::GeoPackage;
use truceline_store::export::{Form, write};

use crate::args::Export;

pub(crate) fn run(args: &Export) -> anyhow::Result<bool> {
    let centre = super::read(&args.centre.dir)?;
    let store = centre.store();
    let ending = args
        .out
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    if ending == "gpkg" {
        store.copy_to(&args.out)?;
        eprintln!("{}: a copy of the store", args.out.display());
        return Ok(true);
    }
    let Some(form) = Form::of(&args.out) else {
        bail!(
            "{}: expected a name that ends in .gpkg, .parquet, .geojson or .kml",
            args.out.display()
        );
    };
    let mut rows = Vec::new();
    for layer in GeoPackage::layers() {
        rows.extend(store.features(layer)?);
    }
    write(&args.out, form, &rows)?;
    eprintln!("{}: {} features", args.out.display(), rows.len());
    Ok(true)
}
