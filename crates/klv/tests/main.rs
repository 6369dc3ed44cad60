//! KLV: vectors, samples, round trips and hostile bytes. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod hostile;
mod names;
mod roundtrip;
mod samples;
mod vectors;
