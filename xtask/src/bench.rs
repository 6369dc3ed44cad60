//! `cargo xtask bench`: one table of measured figures a part.

use std::process::Command;

use crate::run;

/// The benches by name: the package and its bench targets, in order.
const BENCHES: [(&str, &str, &[&str]); 3] = [
    ("detect", "truceline-detect", &["detect"]),
    ("klv", "truceline-klv", &["klv"]),
    ("record", "truceline-record", &["record", "verify"]),
];

/// Runs the benches called `name`, or all.
pub(crate) fn run(name: Option<&str>) -> Result<(), String> {
    if let Some(name) = name
        && !BENCHES.iter().any(|(known, ..)| *known == name)
    {
        let all: Vec<_> = BENCHES.iter().map(|(name, ..)| *name).collect();
        return Err(format!(
            "{name:?} is no bench; there are {}",
            all.join(", ")
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
    Ok(())
}

/// The public Python decoder on the same bytes, where Python can have it.
fn python_peer() -> Result<(), String> {
    if !run::has("python3", "--version") {
        eprintln!("SKIPPED: no python3 for the peer klvdata");
        return Ok(());
    }
    let venv = run::root().join("target/klvdata");
    let python = venv.join("bin/python");
    if !python.exists() {
        run::command(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run::command(Command::new(&python).args(["-m", "pip", "install", "--quiet", "klvdata"]))?;
    }
    run::command(Command::new(&python).arg("crates/klv/benches/peer_klvdata.py"))
}
