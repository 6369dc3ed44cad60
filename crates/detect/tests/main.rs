//! The detector on drawn scenes. One program for all of this crate's tests: each further one would link everything again.

mod detector;
mod scene;
mod watcher;
