//! The centre at work: feeds into the record, the record into events and findings, findings before
//! the officers, and all of it on pages. The only crate that knows HTTP.

pub mod centre;
pub mod clock;
pub mod config;
pub mod coverage;
mod error;
pub mod http;
pub mod intake;
pub mod live;
pub mod people;
mod serve;
#[cfg(test)]
mod shipped;
pub mod source;
mod tiles;
pub mod watch;

pub use centre::{Centre, theatre_folder, theatres};
pub use config::Config;
pub use error::CentreError;
pub use serve::{Control, Ready, ReadyTheatre, serve};
