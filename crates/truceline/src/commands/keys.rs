//! `truceline keygen`, and keys as people name them on the command line.

use std::path::Path;

use anyhow::{Context as _, bail};
use truceline_record::{Algorithm, SignerKey, VerifierKey};

use crate::args::Keygen;

pub(crate) fn generate(args: &Keygen) -> anyhow::Result<bool> {
    // Witnesses sign cosignatures, everyone else notes: one key must not be able to do both.
    let algorithm = if args.name.contains("/witness/") {
        Algorithm::CosignatureV1
    } else {
        Algorithm::Ed25519
    };
    let key = SignerKey::generate(&args.name, algorithm)?;
    key.save(&args.out)?;
    println!("{}", key.verifier());
    eprintln!(
        "private key in {}; keep it on its owner's machine alone",
        args.out.display()
    );
    Ok(true)
}

/// Verifier keys as given: each a key, or a file with one a line.
pub(crate) fn verifiers(given: &[String]) -> anyhow::Result<Vec<VerifierKey>> {
    let mut keys = Vec::new();
    for text in given {
        if Path::new(text).is_file() {
            let lines = std::fs::read_to_string(text).with_context(|| text.clone())?;
            for (i, line) in lines.lines().enumerate() {
                let line = line.trim();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                keys.push(
                    line.parse()
                        .with_context(|| format!("{text}: line {}", i + 1))?,
                );
            }
        } else {
            keys.push(
                text.trim()
                    .parse()
                    .with_context(|| format!("{text:?} is no file and"))?,
            );
        }
    }
    if keys.is_empty() && !given.is_empty() {
        bail!("no verifier key in {}", given.join(", "));
    }
    Ok(keys)
}
