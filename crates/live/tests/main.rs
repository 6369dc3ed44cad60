//! Live feeds over real sockets. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod common;
mod faults;
mod interop;
mod play;
mod secure;
