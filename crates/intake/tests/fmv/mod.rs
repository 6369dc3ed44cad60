//! Motion imagery: real and synthetic streams, and all that can be wrong with one.

mod carriage;
mod hostile;
mod mux;
mod real;
mod targets;
mod transport;
mod watch;
