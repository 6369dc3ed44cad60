//! Each format of feed, from real samples and hostile bytes. One program for all of this crate's tests: each further one would link everything again.

mod common;
mod cot;
mod fmv;
mod hotspot;
mod mavlink;
mod report;
mod sensor;
mod sensor_demo_feeds;
