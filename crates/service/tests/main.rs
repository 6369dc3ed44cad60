//! A centre without its outer edge. One program for all of this crate's tests: each further one would link everything again.

mod judged;
mod live;
mod mobility;
