//! Real and synthetic streams to what is watched, read back by parsers and players that are not ours.
#![allow(clippy::unwrap_used, reason = "what fails here is to stop the test")]

mod ffmpeg;
mod hostile;
mod packager;
mod samples;
