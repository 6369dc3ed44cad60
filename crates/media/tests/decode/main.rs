//! Pictures out of recorded, synthetic and hostile streams.
#![allow(clippy::unwrap_used, reason = "what fails here is to stop the test")]

mod hostile;
mod recorded;
mod synthetic;
mod transport;
