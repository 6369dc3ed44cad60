//! The project's own commands: `cargo xtask demo | test | console | bench | scenarios | calibrate | fuzz | feeds | schema`.

mod bench;
mod console;
mod feeds;
mod fuzz;
mod run;
mod schema;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
The project's own commands.

  cargo xtask demo [ARGS]       a working centre on the shipped feeds, one URL to open
                                (ARGS as of `truceline demo`: --once, --port N, --dir D)
  cargo xtask console           the web console, built with npm into the place from which the server embeds it
  cargo xtask console test      its types, its unit tests, and the whole way in a browser
  cargo xtask test              everything that CI checks: format, lints, tests, documentation,
                                licences and advisories, schemas, fuzz targets for some seconds
  cargo xtask bench [NAME]      tables of measured figures: detect, klv, media, record, engine, live
  cargo xtask bench live [load|latency|faults]… [SECONDS|--hour] [dev] [program=PATH]
                                twenty feeds at once into one centre, beside a public program that copies;
                                from a picture's arrival to its viewers; ten faults, what is lost and told
  cargo xtask bench engine [SCENARIOS [SCORE.py]]
                                the engine on each scenario below a folder, live, and its peers; with
                                figures against the truth where the scenario set's score.py is given
                                (or TRUCELINE_SCENARIOS, TRUCELINE_SCORE)
  cargo xtask scenarios OUT [--seed N] [--profile NAME]
                                a scenario with truth that nobody has seen, by the scenario set's physics:
                                day, busy, three (parties), storm, deception, quiet
  cargo xtask calibrate SCENARIOS [--write | --check]
                                the engine's parameters as scenarios with truth teach them, beside those
                                in crates/engine/src/calibration.rs
  cargo xtask fuzz [SECONDS] [TARGET]
                                each fuzz target for so many seconds (default 60)
  cargo xtask feeds             the demo's exercise anew, into theatres/*/feeds
  cargo xtask schema [--check]  JSON Schemas of the domain into docs/schema; --check: only compare
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["demo", rest @ ..] => demo(rest),
        ["test"] => test::all(),
        ["console"] => console::build(),
        ["console", "test"] => console::test(),
        ["bench", rest @ ..] => bench::run(rest),
        ["scenarios", rest @ ..] => bench::scenarios(rest),
        ["calibrate", rest @ ..] => bench::calibrate(rest),
        ["fuzz", rest @ ..] => fuzz::from_args(rest),
        ["feeds"] => feeds(),
        ["schema"] => schema::write(),
        ["schema", "--check"] => schema::check(),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the exercise of each theatre that ships feeds.
fn feeds() -> Result<(), String> {
    let theatres = run::root().join("theatres");
    let told = |e: std::io::Error| format!("{}: {e}", theatres.display());
    for entry in std::fs::read_dir(&theatres).map_err(told)? {
        let theatre = entry.map_err(told)?.path();
        let out = theatre.join("feeds");
        if out.is_dir() {
            feeds::generate(&theatre, &out)?;
            eprintln!("{}", out.display());
        }
    }
    Ok(())
}

fn demo(args: &[&str]) -> Result<(), String> {
    console::build_if_changed()?;
    let cargo = ["run", "--quiet", "--package", "truceline", "--", "demo"];
    run::cargo(&[&cargo[..], args].concat())
}
