//! truceline, the command line: parses, calls, tells. Everything it does lies in the crates below.

mod args;
mod commands;
mod tell;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use truceline_record::verify::VerifyError;

use args::Cli;

/// A centre runs for months with a thread or two a feed. glibc's allocator gives each thread an arena of its own and returns
/// little of them: its memory grew by 4 to 5 MB a minute with twenty feeds while 46 MB were in use. This one gives back.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(cli.verbose);
    match commands::run(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Nobody reads on: `truceline decode … | head` is no failure.
        Err(e) if tell::is_broken_pipe(&e) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("truceline: {}", tell::why(&e));
            // Nothing that could be checked is not a check that failed.
            let nothing_checked = e.downcast_ref::<VerifyError>().is_some();
            ExitCode::from(if nothing_checked { 2 } else { 1 })
        }
    }
}

fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}
