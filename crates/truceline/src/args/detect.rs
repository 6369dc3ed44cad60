//! `truceline detect`, as people type it.

use std::path::PathBuf;

use clap::Args;

use super::FeedArgs;

/// Look through recorded video for flashes, smoke and moving vehicles.
///
/// One detection a line: label, score, time, place in the picture, and, where the metadata tells
/// where the picture looks, the observation. Needs no centre. H.264 only; what cannot be decoded is
/// told. Method, measured figures and what it does not see: docs/detector.md.
///
/// Examples:
///   truceline detect drone.ts
///   truceline detect drone.ts --stills stills --least-score 0.8
///   truceline detect --source UAV1 night.ts | grep muzzle_flash
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Detect {
    #[command(flatten)]
    pub(crate) feed: FeedArgs,
    /// A folder for a PNG a detection; made when it is not there.
    #[arg(long, value_name = "DIR")]
    pub(crate) stills: Option<PathBuf>,
    /// Leave out what scores less, 0 to 1.
    #[arg(long, value_name = "P", default_value_t = 0.5, value_parser = share)]
    pub(crate) least_score: f64,
    /// Pictures analysed a second.
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = rate)]
    pub(crate) rate: f64,
    /// Transport streams, http(s) addresses, or - for standard input.
    #[arg(required = true, value_name = "FILE|URL")]
    pub(crate) inputs: Vec<String>,
}

fn share(text: &str) -> Result<f64, String> {
    within(text, 0.0, 1.0)
}

fn rate(text: &str) -> Result<f64, String> {
    within(text, 0.1, 100.0)
}

fn within(text: &str, low: f64, high: f64) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|value| (low..=high).contains(value))
        .ok_or_else(|| format!("a number from {low} to {high} is expected"))
}
