//! Authorisations, strength, modalities and time limits. One program for all of this crate's tests: each further one would link everything again.

mod common;
mod deadlines;
mod modalities;
mod shifts;
mod strength;
mod talks;
mod withdrawals;
