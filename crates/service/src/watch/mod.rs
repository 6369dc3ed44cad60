//! The watch: what people have to take note of, and that they did.

mod accesses;
mod alerts;
pub(crate) mod cap;
pub(crate) mod cot;
mod look;
pub(crate) mod webhook;

pub(crate) use accesses::lines;
pub use accesses::{Access, Accesses};
pub(crate) use alerts::message;
pub use alerts::{Acknowledged, Alert, Alerts};
pub(crate) use look::Look;
