//! The daily report's forms and paper. One program for all of this crate's tests: each further one would link everything again.

mod form;
mod pdf;
