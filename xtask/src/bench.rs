//! `cargo xtask bench`: one table of measured figures a part.

use std::process::Command;

use crate::run;

const NAMES: [&str; 3] = ["klv", "record", "engine"];

/// Runs the benches called `name`, or all.
pub(crate) fn run(name: Option<&str>) -> Result<(), String> {
    match name {
        None => NAMES.iter().try_for_each(|name| one(name)),
        Some(name) if NAMES.contains(&name) => one(name),
        Some(other) => Err(format!(
            "{other:?} is no bench; there are {}",
            NAMES.join(", ")
        )),
    }
}

fn one(name: &str) -> Result<(), String> {
    run::cargo(&[
        "bench",
        "--quiet",
        "--package",
        &format!("truceline-{name}"),
        "--bench",
        name,
    ])?;
    if name == "klv" { python_peer() } else { Ok(()) }
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
