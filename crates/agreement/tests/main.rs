//! Reading agreements, theatres and terms. One program for all of this crate's tests: each further one would link everything again.

mod antimeridian;
mod assess;
mod faults;
mod shipped;
mod term;
mod theatre_files;
