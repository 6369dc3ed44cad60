//! The web console: built with npm into `crates/console/dist`, from where the server's build takes it; and its tests.

use std::path::Path;
use std::process::Command;

use crate::run;

/// What is built; a change of any is a reason to build anew.
const SOURCES: [&str; 6] = [
    "src",
    "public",
    "index.html",
    "package-lock.json",
    "vite.config.ts",
    "embed.mjs",
];
/// What the build writes last.
const BUILT: &str = "crates/console/dist/index.html";
/// The browsers that the tests drive, the first that is there, where `CHROMIUM` names none.
const CHROMIUM: [&str; 2] = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

/// Installs what the lock file names and builds.
pub(crate) fn build() -> Result<(), String> {
    install()?;
    npm(&["run", "build"])
}

/// Builds when npm is there and something changed. Without npm the server says by itself how to build its console.
pub(crate) fn build_if_changed() -> Result<(), String> {
    if !run::has("npm", "--version") {
        eprintln!("npm is not installed: the server goes without its console, and says so");
        return Ok(());
    }
    let built = changed(&run::root().join(BUILT));
    let folder = run::root().join("console");
    let newest = SOURCES
        .iter()
        .filter_map(|name| newest(&folder.join(name)))
        .max();
    if built.is_some() && built >= newest {
        return Ok(());
    }
    build()
}

/// Types and unit tests. `Err` begins with `SKIPPED:` when npm is missing.
pub(crate) fn check() -> Result<(), String> {
    if !run::has("npm", "--version") {
        return Err(
            "SKIPPED: npm is not installed (Debian: apt-get install npm; Node 20.19 or later)"
                .into(),
        );
    }
    build_if_changed()?;
    npm(&["run", "check"])?;
    npm(&["test"])
}

/// The same, and the whole way in a browser. `Err` begins with `SKIPPED:` when npm or chromium is missing.
pub(crate) fn test() -> Result<(), String> {
    check()?;
    browser()
}

/// The whole way in a browser, on a centre that runs the demo.
pub(crate) fn browser() -> Result<(), String> {
    let named = std::env::var("CHROMIUM").ok();
    let known: Vec<&str> = match &named {
        Some(named) => vec![named],
        None => CHROMIUM.to_vec(),
    };
    if !known.iter().any(|program| run::has(program, "--version")) {
        return Err(format!(
            "SKIPPED: {} is not there (Debian: apt-get install chromium-headless-shell): the console was not tried in a browser",
            known.join(" or ")
        ));
    }
    if !run::root().join("console/node_modules").is_dir() {
        return Err("SKIPPED: npm is not installed, and with it what drives the browser: the console was not tried in a browser".into());
    }
    run::cargo(&["build", "--package", "truceline"])?;
    npm(&["run", "browser"])
}

fn install() -> Result<(), String> {
    let folder = run::root().join("console");
    let installed = changed(&folder.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= changed(&folder.join("package-lock.json")) {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"])
}

fn npm(args: &[&str]) -> Result<(), String> {
    run::command(
        Command::new("npm")
            .arg("--prefix")
            .arg("console")
            .args(args),
    )
}

fn changed(path: &Path) -> Option<std::time::SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// The latest change at or below a path.
fn newest(path: &Path) -> Option<std::time::SystemTime> {
    if !path.is_dir() {
        return changed(path);
    }
    let below = std::fs::read_dir(path).ok()?.flatten();
    below.filter_map(|entry| newest(&entry.path())).max()
}
