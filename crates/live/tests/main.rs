//! Live feeds over real sockets. One program for all of this crate's tests: each further one would link everything again.

mod common;
mod faults;
mod interop;
mod play;
mod secure;
