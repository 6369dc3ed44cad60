//! Running other programs from the workspace's root.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}

/// Runs the cargo that runs this.
pub(crate) fn cargo(args: &[&str]) -> Result<(), String> {
    command(Command::new(cargo_path()).args(args))
}

/// The cargo that runs this.
pub(crate) fn cargo_path() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Runs a command at the root with its output to the terminal.
pub(crate) fn command(command: &mut Command) -> Result<(), String> {
    let shown = shown(command);
    eprintln!("\n$ {shown}");
    let began = Instant::now();
    let status = command
        .current_dir(root())
        .status()
        .map_err(|e| format!("{shown}: {e}"))?;
    eprintln!("  ({:.1} s)", began.elapsed().as_secs_f64());
    if status.success() {
        Ok(())
    } else {
        Err(format!("{shown}: {status}"))
    }
}

/// Runs a command at the root and returns what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let shown = shown(command);
    let output = command
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("{shown}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{shown}: {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|e| format!("{shown}: {e}"))
}

/// As [`output()`] of a program that prints little; `None` where it does not end within `limit`: it is then stopped.
pub(crate) fn output_within(
    command: &mut Command,
    limit: Duration,
) -> Result<Option<String>, String> {
    let shown = shown(command);
    let told = |e: std::io::Error| format!("{shown}: {e}");
    let began = Instant::now();
    let mut child = command
        .current_dir(root())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(told)?;
    while child.try_wait().map_err(told)?.is_none() {
        if began.elapsed() > limit {
            child.kill().map_err(told)?;
            child.wait().map_err(told)?;
            return Ok(None);
        }
        std::thread::sleep(ASKED_EVERY);
    }
    let output = child.wait_with_output().map_err(told)?;
    if !output.status.success() {
        return Err(format!("{shown}: {}", output.status));
    }
    let text = String::from_utf8(output.stdout);
    text.map(Some).map_err(|e| format!("{shown}: {e}"))
}

/// How often a program is asked whether it has ended.
const ASKED_EVERY: Duration = Duration::from_millis(50);

/// Whether a program is installed.
pub(crate) fn has(program: &str, version: &str) -> bool {
    Command::new(program)
        .arg(version)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
