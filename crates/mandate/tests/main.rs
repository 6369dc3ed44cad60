//! Authorisations, strength, modalities and time limits. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod common;
mod deadlines;
mod modalities;
mod shifts;
mod strength;
mod talks;
mod withdrawals;
