//! Scenarios with truth: made anew, and learnt from.

use std::path::PathBuf;
use std::process::Command;

use super::python;
use crate::run;

const MAKE: &str = "crates/engine/benches/scenarios.py";
const LEARN: &str = "crates/engine/benches/calibrate.py";

/// Makes scenarios with truth: `OUT [--seed N] [--profile NAME]`.
pub(crate) fn scenarios(args: &[&str]) -> Result<(), String> {
    with_numpy(MAKE, args)
}

/// Learns the engine's parameters from the scenarios below a folder: `SCENARIOS [--write|--check]`.
pub(crate) fn calibrate(args: &[&str]) -> Result<(), String> {
    with_numpy(LEARN, args)
}

fn with_numpy(program: &str, args: &[&str]) -> Result<(), String> {
    let python: PathBuf =
        python("scenarios", &["numpy"])?.ok_or("python3 is needed, and was not found")?;
    let program = run::root().join(program);
    run::command(Command::new(&python).arg(program).args(args))
}
