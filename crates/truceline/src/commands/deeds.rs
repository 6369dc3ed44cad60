//! Signed statements into the record: here, or by the centre at work.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use truceline_record::SignerKey;
use truceline_record::deed::Deed;
use truceline_service::Centre;

use super::{Writer, at_work};

/// What the centre at work answers.
#[derive(Deserialize)]
struct Recorded {
    entry: u64,
}

/// Makes a statement of what the centre says, signs it here, where the keys are, and records it;
/// returns it with its entry's number. `route` is where a centre at work takes it.
pub(super) fn record<T: Serialize>(
    dir: &Path,
    kind: &str,
    keys: &[PathBuf],
    route: impl FnOnce(&T) -> String,
    make: impl FnOnce(&Centre) -> anyhow::Result<T>,
) -> anyhow::Result<(T, u64)> {
    let keys = load(keys)?;
    let sign = |centre: &Centre, statement: &T| -> anyhow::Result<Deed> {
        let mut deed = Deed::of(statement)?;
        for key in &keys {
            deed = deed.signed(kind, &centre.config().origin, key)?;
        }
        Ok(deed)
    };
    match super::open_or_find(dir)? {
        Writer::Here(mut centre) => {
            let statement = make(&centre)?;
            let deed = sign(&centre, &statement)?;
            let entry = centre.take_deed(kind, &deed)?;
            super::sign::tell_witnesses(&centre);
            Ok((statement, entry))
        }
        Writer::AtWork(control) => {
            let centre = super::read(dir)?;
            let statement = make(&centre)?;
            let deed = sign(&centre, &statement)?;
            drop(centre);
            let taken: Recorded = at_work::post_json(&control, &route(&statement), &deed)?;
            Ok((statement, taken.entry))
        }
    }
}

fn load(paths: &[PathBuf]) -> anyhow::Result<Vec<SignerKey>> {
    Ok(paths
        .iter()
        .map(|path| SignerKey::load(path))
        .collect::<Result<_, _>>()?)
}
