//! Pictures out of recorded, synthetic and hostile streams.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod hostile;
mod recorded;
mod synthetic;
mod transport;
