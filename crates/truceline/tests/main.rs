//! The program as its users meet it. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod alerts;
mod apart;
mod attempts;
mod centre;
mod common;
mod contract;
mod decode;
mod ground;
mod live;
mod mandate;
mod person;
mod report;
mod serve;
mod site;
mod theatres;
mod tiles;
