//! The record: written, torn, verified, witnessed, kept. One program for all of this crate's tests: each further one would link everything again.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test fails by panicking.

mod blobs;
mod bundle;
mod common;
mod crash;
mod log_faults;
mod log_full;
mod log_go;
mod log_torn;
mod log_write;
mod passkeys;
mod retention;
mod scene;
mod verify;
mod verify_standing;
mod witness;
