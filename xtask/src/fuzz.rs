//! Runs the fuzz targets of `fuzz/` with libFuzzer on the stable compiler: coverage counters
//! through the compiler's stable flags, without the sanitizers that want a nightly one (the code
//! is safe Rust; what is looked for are panics, hangs, memory and broken properties).

use std::path::PathBuf;
use std::process::Command;

use crate::run;

/// The flags that `cargo fuzz build --sanitizer none` gives, less the single codegen unit, which
/// makes the generated MAVLink messages take minutes.
const RUSTFLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions";

/// Most of memory a target may take: an input that needs more is a finding.
const MEMORY_MB: u32 = 1024;

/// `fuzz [SECONDS] [TARGET]`.
pub(crate) fn from_args(args: &[&str]) -> Result<(), String> {
    let number = |text: &str| {
        text.parse().map_err(|_| {
            format!("{text:?} is no number of seconds; usage: fuzz [SECONDS] [TARGET]")
        })
    };
    match args {
        [] => all(60),
        [seconds] => all(number(seconds)?),
        [seconds, target] => {
            build()?;
            one(target, number(seconds)?)
        }
        _ => Err("usage: fuzz [SECONDS] [TARGET]".to_owned()),
    }
}

/// Each target for so many seconds.
pub(crate) fn all(seconds: u32) -> Result<(), String> {
    build()?;
    targets()?
        .iter()
        .try_for_each(|target| one(target, seconds))
}

fn targets() -> Result<Vec<String>, String> {
    let folder = run::root().join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn target_dir() -> PathBuf {
    let base = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| run::root().join("target"), PathBuf::from);
    base.join("fuzz")
}

fn build() -> Result<(), String> {
    run::command(
        Command::new(run::cargo_path())
            .args([
                "build",
                "--release",
                "--quiet",
                "--manifest-path",
                "fuzz/Cargo.toml",
            ])
            .env("CARGO_TARGET_DIR", target_dir())
            // A target must be named so that build scripts are not instrumented.
            .args(["--target", &host()?])
            .env("RUSTFLAGS", RUSTFLAGS),
    )
}

fn one(target: &str, seconds: u32) -> Result<(), String> {
    let corpus = run::root().join("fuzz/corpus").join(target);
    let artifacts = run::root().join("fuzz/artifacts").join(target);
    let seeds = run::root().join("fuzz/seeds").join(target);
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let mut command = Command::new(target_dir().join(host()?).join("release").join(target));
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-rss_limit_mb={MEMORY_MB}"))
        .args(["-timeout=10", "-print_final_stats=1", "-verbosity=0"])
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(corpus);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    run::command(&mut command)
}

fn host() -> Result<String, String> {
    let told = run::output(Command::new("rustc").arg("-vV"))?;
    told.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "rustc -vV does not tell its host".to_owned())
}
