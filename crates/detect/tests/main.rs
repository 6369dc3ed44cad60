//! The detector on drawn scenes. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod detector;
mod scene;
mod watcher;
