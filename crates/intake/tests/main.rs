//! Each format of feed, from real samples and hostile bytes. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod common;
mod cot;
mod fmv;
mod hotspot;
mod mavlink;
mod report;
mod sensor;
mod sensor_demo_feeds;
