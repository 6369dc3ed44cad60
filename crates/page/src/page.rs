//! A page in one language: what HTML and PDF are both made of.

use serde::Serialize;

use crate::drawing::Drawing;

/// A text in one language, block by block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// The language's code (ISO 639-1).
    pub lang: &'static str,
    /// Whether it is written from right to left.
    pub right_to_left: bool,
    /// The title.
    pub title: String,
    /// At the foot of each printed page: what it is of.
    pub foot: String,
    /// «Page» before its number.
    pub page_word: String,
    /// Whether it is printed across the sheet.
    pub wide: bool,
    /// The blocks, in order.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Block {
    /// A heading of a section.
    Heading {
        /// Its text.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// Its text.
        text: String,
        /// Set apart: what a reader must not miss.
        strong: bool,
    },
    /// Short lines under each other.
    List {
        /// The lines.
        lines: Vec<String>,
    },
    /// A table.
    Table {
        /// What it is called, for those who do not see it.
        caption: String,
        /// Its columns.
        head: Vec<String>,
        /// Widths as shares of the page; as many as columns.
        widths: Vec<u32>,
        /// Its rows.
        rows: Vec<Vec<Cell>>,
    },
    /// A drawing.
    Drawing {
        /// The drawing.
        drawing: Drawing,
        /// What it shows, in words.
        caption: String,
    },
}

/// A table's cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// Its text; several lines are paragraphs.
    pub text: String,
    /// Figures, names and hashes that run from left to right in every language.
    pub plain: bool,
}

impl Cell {
    /// Words of the page's language.
    #[must_use]
    pub fn words(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            plain: false,
        }
    }

    /// Figures, names, hashes.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            plain: true,
        }
    }
}
