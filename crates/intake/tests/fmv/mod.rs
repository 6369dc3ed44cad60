//! Motion imagery: real and synthetic streams, and all that can be wrong with one.
#![allow(clippy::unwrap_used, reason = "what fails here is to stop the test")]

mod carriage;
mod hostile;
mod mux;
mod real;
mod targets;
mod transport;
mod watch;
