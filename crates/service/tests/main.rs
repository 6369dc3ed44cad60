//! A centre without its outer edge. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod judged;
mod live;
mod mobility;
