//! The watch: what people have to take note of, and that they did.

mod accesses;
mod alerts;
pub(crate) mod cot;
mod look;
pub(crate) mod webhook;

pub(crate) use accesses::lines;
pub use accesses::{Access, Accesses};
pub use alerts::{Acknowledged, Alert, Alerts};
pub(crate) use look::Look;
