//! Reading agreements, theatres and terms. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod antimeridian;
mod assess;
mod faults;
mod shipped;
mod term;
mod theatre_files;
