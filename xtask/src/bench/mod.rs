//! `cargo xtask bench`: one table of measured figures a part.

mod engine;
mod live;
mod scenarios;

use std::path::PathBuf;
use std::process::Command;

use crate::run;

pub(crate) use scenarios::{calibrate, scenarios};

/// The benches by name: the package and its bench targets, in order.
const BENCHES: [(&str, &str, &[&str]); 4] = [
    ("detect", "truceline-detect", &["detect"]),
    ("klv", "truceline-klv", &["klv"]),
    ("media", "truceline-media", &["package"]),
    ("record", "truceline-record", &["record", "verify"]),
];

/// Runs the bench called by the first word of `args` with the rest of them, or all.
pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let (name, rest) = args
        .split_first()
        .map_or((None, args), |(n, r)| (Some(*n), r));
    if name == Some(engine::NAME) {
        return engine::run(rest);
    }
    if name == Some(live::NAME) {
        return live::run(rest);
    }
    if let Some(name) = name
        && !BENCHES.iter().any(|(known, ..)| *known == name)
    {
        let all: Vec<_> = BENCHES.iter().map(|(name, ..)| *name).collect();
        return Err(format!(
            "{name:?} is no bench; there are {}, {}, {}",
            all.join(", "),
            engine::NAME,
            live::NAME
        ));
    }
    let wanted = BENCHES
        .iter()
        .filter(|(known, ..)| name.is_none_or(|name| name == *known));
    for (known, package, targets) in wanted {
        for target in *targets {
            run::cargo(&["bench", "--quiet", "--package", package, "--bench", target])?;
        }
        if *known == "klv" {
            python_peer()?;
        }
    }
    if name.is_none() {
        engine::run(&[])?;
    }
    Ok(())
}

/// A Python of its own below `target` with `packages` from PyPI; `None` without Python, with the
/// reason told.
fn python(folder: &str, packages: &[&str]) -> Result<Option<PathBuf>, String> {
    if !run::has("python3", "--version") {
        eprintln!("SKIPPED: no python3 for {}", packages.join(", "));
        return Ok(None);
    }
    let venv = run::root().join("target").join(folder);
    let python = venv.join("bin/python");
    if !python.exists() {
        run::command(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    run::command(Command::new(&python).args(pip).args(packages))?;
    Ok(Some(python))
}

/// The public Python decoder on the same bytes, where Python can have it.
fn python_peer() -> Result<(), String> {
    match python("klvdata", &["klvdata"])? {
        Some(python) => {
            run::command(Command::new(&python).arg("crates/klv/benches/peer_klvdata.py"))
        }
        None => Ok(()),
    }
}
