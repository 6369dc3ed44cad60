//! The project's own commands: `cargo xtask demo | test | bench | fuzz | feeds | schema`.

mod bench;
mod fuzz;
mod run;
mod schema;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
The project's own commands.

  cargo xtask demo [ARGS]       a working centre on the shipped feeds, one URL to open
                                (ARGS as of `truceline demo`: --once, --port N, --dir D)
  cargo xtask test              everything that CI checks: format, lints, tests, documentation,
                                licences and advisories, schemas, fuzz targets for some seconds
  cargo xtask bench [NAME]      one table of measured figures: klv, record, engine (default: all)
  cargo xtask fuzz [SECONDS] [TARGET]
                                each fuzz target for so many seconds (default 60)
  cargo xtask schema [--check]  JSON Schemas of the domain into docs/schema; --check: only compare
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["demo", rest @ ..] => demo(rest),
        ["test"] => test::all(),
        ["bench", rest @ ..] => bench::run(rest.first().copied()),
        ["fuzz", rest @ ..] => fuzz::from_args(rest),
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

fn demo(args: &[&str]) -> Result<(), String> {
    let cargo = ["run", "--quiet", "--package", "truceline", "--", "demo"];
    run::cargo(&[&cargo[..], args].concat())
}
