//! A page and its drawings in one language, as plain data. [`html()`] writes them as HTML and SVG; the PDF of a report is made of
//! the same in `crates/report`, so that who only draws does not take a PDF writer along.

mod drawing;
mod frame;
mod html;
mod page;

pub use drawing::{Drawing, Paint, Rgb, Shape};
pub use frame::{Frame, Position};
pub use html::{escaped, html};
pub use page::{Block, Cell, Page};
