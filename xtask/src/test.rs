//! `cargo xtask test`: everything that CI checks, in the order in which it fails soonest.

use std::process::Command;

use crate::{console, fuzz, run, schema};

/// Seconds for each fuzz target: enough to meet its seeds and a few million inputs.
const FUZZ_SECONDS: u32 = 5;

type Step = fn() -> Result<(), String>;

/// Runs all steps; stops at the first that fails.
pub(crate) fn all() -> Result<(), String> {
    let steps: [(&str, Step); 9] = [
        ("format", || run::cargo(&["fmt", "--all", "--check"])),
        // First, so that everything is compiled with it once.
        ("console", console::check),
        ("lints", || {
            run::cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ])
        }),
        ("tests", tests),
        ("console in a browser", console::browser),
        ("documentation", documentation),
        ("schemas", schema::check),
        ("licences and advisories", deny),
        ("fuzz targets", || fuzz::all(FUZZ_SECONDS)),
    ];
    let mut skipped = Vec::new();
    for (name, step) in steps {
        eprintln!("\n== {name}");
        match step() {
            Err(why) if why.starts_with(SKIPPED) => {
                eprintln!("{why}");
                skipped.push(name);
            }
            done => done?,
        }
    }
    eprintln!(
        "\nall steps passed{}",
        match skipped.as_slice() {
            [] => String::new(),
            names => format!(", but SKIPPED: {}", names.join(", ")),
        }
    );
    Ok(())
}

/// How the reason of a step begins that could not run here.
const SKIPPED: &str = "SKIPPED:";

fn tests() -> Result<(), String> {
    if run::has("cargo-nextest", "--version") {
        // The build is cargo's own; nextest runs each test in a process of its own.
        run::cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])?;
        run::cargo(&["test", "--workspace", "--doc", "--quiet"])
    } else {
        eprintln!("cargo-nextest is not installed (cargo install cargo-nextest); using cargo test");
        run::cargo(&["test", "--workspace", "--no-fail-fast"])
    }
}

fn documentation() -> Result<(), String> {
    run::command(
        Command::new(run::cargo_path())
            .args([
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
                "--quiet",
            ])
            // Private items are documented too, so links to them lead somewhere.
            .env(
                "RUSTDOCFLAGS",
                "-D warnings -A rustdoc::private_intra_doc_links",
            ),
    )
}

fn deny() -> Result<(), String> {
    if run::has("cargo-deny", "--version") {
        // Advisories need a database from the network; without one the rest is still checked.
        return run::cargo(&["deny", "check", "advisories", "bans", "licenses", "sources"])
            .or_else(|_| {
                run::cargo(&["deny", "--offline", "check", "bans", "licenses", "sources"])
            });
    }
    Err(format!(
        "{SKIPPED} cargo-deny is not installed (cargo install cargo-deny --locked)"
    ))
}
