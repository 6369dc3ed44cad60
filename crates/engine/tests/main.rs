//! The engine from observations to findings. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod common;
mod compliance;
mod coverage;
mod detection;
mod elsewhere;
mod explained;
mod findings;
mod hostile;
mod live;
mod photogrammetry;
mod picture;
mod relocated;
mod smoke;
