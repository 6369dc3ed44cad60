//! `truceline witness`: one sending state's own witness.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use truceline_record::SignerKey;
use truceline_record::witness::{KnownLog, Witness};
use truceline_service::{clock, http};

use super::keys;
use crate::args::Witness as Args;

pub(crate) fn run(args: &Args) -> anyhow::Result<bool> {
    let key = SignerKey::load(&args.key)?;
    let mut logs: BTreeMap<String, KnownLog> = BTreeMap::new();
    for vkey in keys::verifiers(&args.log)? {
        // A log's key carries its origin as name (C2SP tlog-checkpoint recommends it).
        let origin = vkey.name().to_owned();
        let log = logs.entry(origin.clone()).or_insert(KnownLog {
            origin,
            keys: Vec::new(),
        });
        log.keys.push(vkey);
    }
    let state = args.state.clone().unwrap_or_else(|| beside(&args.key));
    let origins: Vec<_> = logs.keys().cloned().collect();
    let witness = Witness::open(&state, key, logs.into_values().collect(), clock::unix_s)
        .with_context(|| format!("{}", state.display()))?;
    eprintln!("witness {}", witness.verifier());
    eprintln!("  watches {}", origins.join(", "));
    eprintln!("  keeps what it cosigned in {}", state.display());
    for path in witness.evidence() {
        eprintln!(
            "  WARNING: a log signed what was refused: {}",
            path.display()
        );
    }
    http::serve_witness(Arc::new(witness), &args.listen, |address| {
        eprintln!("  answers http://{address}/add-checkpoint; Ctrl-C ends it");
    })?;
    Ok(true)
}

fn beside(key: &std::path::Path) -> PathBuf {
    key.with_extension("state")
}
