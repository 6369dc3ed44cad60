//! `cargo xtask bench engine`: what the engine finds in scenarios, what that costs, at once and as
//! observations arrive, and beside it what others find in the same arrivals.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::python;
use crate::run;

/// The bench's name.
pub(super) const NAME: &str = "engine";
/// Observations a second that arrive in the rows called live.
const RATE: &str = "1000";
/// The scenarios that the project ships.
const SHIPPED: &str = "crates/engine/tests/data";
const PEER: &str = "crates/engine/benches/peer.py";
const RELIABILITY: &str = "crates/engine/benches/reliability.py";

/// A peer gets so long for a scenario.
const PEER_LIMIT: Duration = Duration::from_secs(60);

/// Scores all scenarios below a folder; `args` are that folder and the scenario set's score.py.
pub(super) fn run(args: &[&str]) -> Result<(), String> {
    let given = |i: usize, variable: &str| {
        let word = args.get(i).map(|w| (*w).to_owned());
        let path = word.or_else(|| std::env::var(variable).ok());
        path.map(|p| std::path::absolute(&p).unwrap_or(PathBuf::from(p)))
    };
    let folder = given(0, "TRUCELINE_SCENARIOS").unwrap_or_else(|| run::root().join(SHIPPED));
    let scenarios = scenarios(&folder)?;
    let score = given(1, "TRUCELINE_SCORE").or_else(|| beside(&folder));
    if score.is_none() {
        eprintln!(
            "no score.py given or beside the scenarios: what is found is counted, not scored"
        );
    }
    run::cargo(&[
        "build",
        "--quiet",
        "--release",
        "--package",
        "truceline-engine",
        "--example",
        "bench",
    ])?;
    let python = python("peers", &["numpy", "scipy", "pyocto"]).unwrap_or_else(|why| {
        eprintln!("SKIPPED: the peers: {why}");
        None
    });
    let bench = Bench {
        out: run::root().join("target/bench-engine"),
        score,
        python,
    };
    std::fs::create_dir_all(&bench.out).map_err(|e| format!("{}: {e}", bench.out.display()))?;
    println!("{}", HEAD.join(" | "));
    println!("{}", HEAD.map(|_| "---").join(" | "));
    for scenario in &scenarios {
        bench.scenario(scenario)?;
    }
    bench.reliability(&scenarios);
    println!(
        "\nlive: {RATE} observations arrive a second; seconds are those until the last was judged, and p50/p99/max \
         the milliseconds from an observation's arrival to the answer that heeds it; found are the events of the last window.\n\
         Peers see acoustic onsets alone, find places with three stations or more, and tell neither who nor what nor how sure \
         (see {PEER}); all their findings are undetermined with a covariance of 200 m."
    );
    Ok(())
}

const HEAD: [&str; 15] = [
    "scenario",
    "who",
    "found",
    "recall / precision",
    "wrong of named",
    "attributed",
    "kind",
    "m, median / p90",
    "rms/CRLB 95 %",
    "50 / 90 %",
    "log / ECE",
    "first fire",
    "purity / completeness",
    "s (CPU), obs/s",
    "MB",
];

/// Folders below `folder` (or itself) that hold a scenario, in order.
fn scenarios(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let is_scenario = |p: &PathBuf| p.join("observations.ndjson").is_file();
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(told)?;
    let mut found: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    found.push(folder.to_owned());
    found.retain(is_scenario);
    found.sort();
    if found.is_empty() {
        return Err(format!(
            "{}: no scenario (a folder with theatre.geojson and observations.ndjson)",
            folder.display()
        ));
    }
    Ok(found)
}

/// The scenario set's score.py in the folder or above it.
fn beside(folder: &Path) -> Option<PathBuf> {
    let up = folder.ancestors().take(3).map(|f| f.join("score.py"));
    up.into_iter().find(|p| p.is_file())
}

struct Bench {
    out: PathBuf,
    score: Option<PathBuf>,
    python: Option<PathBuf>,
}

impl Bench {
    fn scenario(&self, scenario: &Path) -> Result<(), String> {
        let name = scenario.file_name().map_or_else(
            || scenario.display().to_string(),
            |n| n.to_string_lossy().into_owned(),
        );
        let findings = |who: &str| self.out.join(format!("{name}-{who}.ndjson"));
        let engine = run::root().join("target/release/examples/bench");
        let ours = |who: &str, rate: &[&str]| {
            let mut command = Command::new(&engine);
            command.arg(scenario.join("theatre.geojson"));
            command.arg(scenario.join("observations.ndjson"));
            command.arg(findings(who)).args(rate);
            cost(&mut command)
        };
        self.row(
            &name,
            "engine",
            scenario,
            &findings("engine"),
            &ours("engine", &[])?,
        );
        let live = ours("live", &[RATE])?;
        row(&name, "engine, live", &[], &live);
        for method in ["grid", "pyocto"] {
            let Some(python) = &self.python else { continue };
            let mut command = Command::new(python);
            command
                .args([PEER, method])
                .arg(scenario)
                .arg(findings(method));
            match run::output_within(&mut command, PEER_LIMIT) {
                Ok(Some(printed)) => {
                    let cost = parsed(&printed)?;
                    self.row(&name, method, scenario, &findings(method), &cost);
                }
                Ok(None) => {
                    let unfinished = format!("not finished in {} s", PEER_LIMIT.as_secs());
                    columns(vec![name.clone(), method.to_owned(), unfinished]);
                }
                Err(why) => eprintln!("SKIPPED: {method} on {name}: {why}"),
            }
        }
        Ok(())
    }

    fn row(&self, name: &str, who: &str, scenario: &Path, findings: &Path, cost: &Value) {
        let scores = self.scores(scenario, findings).unwrap_or_else(|why| {
            eprintln!("{name}, {who}: not scored: {why}");
            vec![]
        });
        row(name, who, &scores, cost);
    }

    /// How often the answers came true that the engine gave a probability, over all scenarios.
    fn reliability(&self, scenarios: &[PathBuf]) {
        let (Some(score), Some(python)) = (&self.score, &self.python) else {
            return;
        };
        let mut command = Command::new(python);
        command.arg(RELIABILITY).arg(score);
        for scenario in scenarios {
            let name = scenario.file_name().unwrap_or_default().to_string_lossy();
            command.arg(scenario);
            command.arg(self.out.join(format!("{name}-engine.ndjson")));
        }
        match run::output(&mut command) {
            Ok(table) => println!("\n{table}"),
            Err(why) => eprintln!("SKIPPED: reliability: {why}"),
        }
    }

    /// The columns of the score, in order; none without the means to score.
    fn scores(&self, scenario: &Path, findings: &Path) -> Result<Vec<String>, String> {
        let (Some(score), Some(python)) = (&self.score, &self.python) else {
            return Ok(vec![]);
        };
        let json = findings.with_extension("json");
        let mut command = Command::new(python);
        command.arg(score).arg(scenario).arg(findings);
        command.args(["--quiet", "--json"]).arg(&json);
        run::output(&mut command)?;
        let text = std::fs::read_to_string(&json).map_err(|e| e.to_string())?;
        let r: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        let n = |path: &str, digits: usize| number(&r, path, digits);
        let pair = |a: &str, b: &str, digits: usize| format!("{} / {}", n(a, digits), n(b, digits));
        Ok(vec![
            pair("/recall", "/precision", 3),
            format!("{} of {}", n("/wrong_accusations", 0), n("/accusations", 0)),
            n("/attributed", 2),
            n("/kind_accuracy", 3),
            pair("/position_error_m/median", "/position_error_m/p90", 0),
            n("/rms_over_crlb_best95", 2),
            pair("/coverage/50", "/coverage/90", 2),
            pair("/probability/log_score", "/probability/ece", 3),
            format!(
                "{} of {}",
                n("/first_fire/right", 0),
                n("/first_fire/exchanges", 0)
            ),
            pair("/evidence/purity", "/evidence/completeness", 2),
        ])
    }
}

/// Runs a program that prints one JSON object of what it cost.
fn cost(command: &mut Command) -> Result<Value, String> {
    parsed(&run::output(command)?)
}

/// The JSON object in the last line.
fn parsed(printed: &str) -> Result<Value, String> {
    let last = printed.lines().last().unwrap_or_default();
    serde_json::from_str(last).map_err(|e| format!("{last:?}: {e}"))
}

fn number(of: &Value, path: &str, digits: usize) -> String {
    let number = of.pointer(path).and_then(Value::as_f64);
    number.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
}

fn row(name: &str, who: &str, scores: &[String], cost: &Value) {
    let n = |path: &str, digits: usize| number(cost, path, digits);
    let figure = |path: &str| cost.pointer(path).and_then(Value::as_f64).unwrap_or(0.0);
    let mut cells = vec![name.to_owned(), who.to_owned(), n("/events", 0)];
    if cost.get("p99_ms").is_some() {
        let wait = [n("/p50_ms", 0), n("/p99_ms", 0), n("/max_ms", 0)].join(" / ");
        let same = cost.get("same_as_batch") == Some(&Value::Bool(true));
        let same = if same {
            "as in batch"
        } else {
            "NOT as in batch"
        };
        let load = n("/load", 1);
        cells.push(format!("p50/p99/max {wait} ms, {same}, load {load}"));
        cells.resize(HEAD.len() - 2, String::new());
    } else {
        cells.extend(scores.iter().cloned());
        cells.resize(HEAD.len() - 2, "–".to_owned());
    }
    let rate = figure("/observations") / figure("/seconds").max(1e-9);
    cells.push(format!(
        "{} ({}), {rate:.0}",
        n("/seconds", 2),
        n("/cpu_seconds", 2)
    ));
    cells.push(n("/peak_mb", 0));
    columns(cells);
}

/// One line of the table; what is missing at its end is left empty.
fn columns(mut cells: Vec<String>) {
    cells.resize(HEAD.len(), String::new());
    println!("{}", cells.join(" | "));
}
