//! The daily report of a joint centre: what happened from cut-off to cut-off, who kept what, what was
//! watched, and by whose keys it is said.
//!
//! Two steps, apart on purpose. [`gather()`] makes a [`DailyReport`] of what the record holds: no
//! language, no clock, no disk. A report is then told
//! in a [`Language`](truceline_engine::Language) as a [`Page`](truceline_page::Page), and a page is written as
//! [HTML](truceline_page::html()) or [`pdf()`]; [`csv()`] is for machines. The same report gives the same
//! bytes, whenever and wherever it is told again. What stands in it is specified in `docs/report.md`.

mod compose;
mod csv;
mod day;
mod form;
mod gather;
mod map;
mod model;
mod pdf;
mod places;
mod rows;
mod say;

pub use compose::{Refused, Released, compose};
pub use csv::csv;
pub use day::{Day, NotReported, day};
pub use form::{FORM_ID, Form};
pub use gather::{Input, Put, gather};
pub use model::{
    Clause, Counts, Covered, DailyReport, Decision, Document, Finding, Fix, Held, Kept, Location,
    Map, Marker, Name, Observer, Row, Seen, Trend, Wind,
};
pub use pdf::{NotWritten, Stamp, pdf};
pub use places::locate;
pub use say::Words;
