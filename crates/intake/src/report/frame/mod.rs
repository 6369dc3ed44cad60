//! Where items begin and end in a stream of text that comes in pieces of any size.
//!
//! A [`Grammar`] looks at one byte after the other and says where an item ends; a [`Framer`] holds
//! the bytes of the item that has begun, never more than the grammar's limit, and tells each whole
//! item with its place. What never ends (a quote or brace that nobody closed) costs its first
//! line; the lines behind it are looked at again, so that one slip of a pen does not silence
//! the rest of a feed.

mod csv_record;
mod json_item;
mod line;
mod outlet;
mod row;
mod xml_document;

pub(crate) use csv_record::CsvRecord;
pub(crate) use json_item::JsonItem;
pub(crate) use line::Line;
pub(crate) use outlet::{Outlet, Refusal, text};
pub(crate) use row::{fields, folded};
pub(crate) use xml_document::XmlDocument;

/// What a byte is to the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It belongs to no item, nor does what was held before it.
    Between,
    /// It begins or continues an item.
    Within,
    /// It ends the item and belongs to it.
    Last,
    /// With it, what was held cannot become an item any more.
    Broken,
}

/// How items of one notation follow each other.
pub(crate) trait Grammar: Send {
    /// The most bytes an item can have.
    const LIMIT_BYTES: usize;

    /// Looks at the next byte.
    fn step(&mut self, byte: u8) -> Step;

    /// Forgets the item that has begun.
    fn abandon(&mut self);

    /// From now on no item goes over the end of a line.
    fn end_items_with_lines(&mut self) {}

    /// Whether an item that has begun is whole when the feed ends here.
    fn whole_at_end(&self) -> bool;
}

/// Where an item begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    /// Byte offset in the feed.
    pub(crate) offset: u64,
    /// Line, from 1.
    pub(crate) line: u64,
}

/// What a framer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framed<'a> {
    /// A whole item.
    Item(&'a [u8]),
    /// The first bytes of one that is longer than its kind can be.
    Oversized(&'a [u8]),
    /// The first line of one that does not end, or not as it began.
    Unfinished(&'a [u8]),
}

/// How often the lines behind an item without end are looked at again. A feed made to have no other
/// kind of item would otherwise cost the square of its length.
const MAX_RESCANS: u32 = 64;

/// Finds the items of a stream.
#[derive(Debug)]
pub(crate) struct Framer<G> {
    grammar: G,
    /// Bytes of the item that has begun; at most the grammar's limit.
    held: Vec<u8>,
    /// Where `held` begins.
    begun: At,
    /// Where the next byte stands.
    next: At,
    /// Bytes up to the end of the line belong to an item that was given up.
    skipping: bool,
    rescans: u32,
}

/// Where a framer's pieces go.
pub(crate) type Tell<'a> = dyn FnMut(Framed<'_>, At) + 'a;

impl<G: Grammar> Framer<G> {
    pub(crate) fn new(grammar: G) -> Self {
        let start = At { offset: 0, line: 1 };
        Self {
            grammar,
            held: Vec::new(),
            begun: start,
            next: start,
            skipping: false,
            rescans: 0,
        }
    }

    /// Takes the next bytes of the feed.
    pub(crate) fn push(&mut self, bytes: &[u8], tell: &mut Tell<'_>) {
        for &byte in bytes {
            let here = self.next;
            self.next.offset += 1;
            self.next.line += u64::from(byte == b'\n');
            if self.skipping {
                self.skipping = byte != b'\n';
                continue;
            }
            match self.grammar.step(byte) {
                Step::Between => self.held.clear(),
                Step::Within => self.hold(byte, here),
                Step::Last => {
                    self.hold(byte, here);
                    tell(Framed::Item(&self.held), self.begun);
                    self.held.clear();
                }
                Step::Broken => {
                    self.hold(byte, here);
                    self.give_up(false, tell);
                }
            }
            if self.held.len() >= G::LIMIT_BYTES {
                self.give_up(true, tell);
            }
        }
    }

    /// The feed has ended.
    pub(crate) fn finish(&mut self, tell: &mut Tell<'_>) {
        while !self.held.is_empty() {
            if self.grammar.whole_at_end() {
                tell(Framed::Item(&self.held), self.begun);
                self.held.clear();
                self.grammar.abandon();
            } else {
                self.give_up(false, tell);
            }
        }
    }

    fn hold(&mut self, byte: u8, here: At) {
        if self.held.is_empty() {
            self.begun = here;
        }
        self.held.push(byte);
    }

    /// Sets aside the first line of what is held and looks at the rest of it again; all of it, when
    /// it is one line or this happened too often.
    fn give_up(&mut self, oversized: bool, tell: &mut Tell<'_>) {
        self.grammar.abandon();
        let held = std::mem::take(&mut self.held);
        let piece = |lost| {
            if oversized {
                Framed::Oversized(lost)
            } else {
                Framed::Unfinished(lost)
            }
        };
        let first_line = held.iter().position(|&b| b == b'\n').map(|at| at + 1);
        match first_line {
            Some(end) if self.rescans < MAX_RESCANS => {
                self.rescans += 1;
                let (lost, rest) = held.split_at(end);
                tell(piece(lost), self.begun);
                self.next = At {
                    offset: self.begun.offset + end as u64,
                    line: self.begun.line + 1,
                };
                // Shorter than the limit, so it cannot be given up for its size again.
                self.push(rest, tell);
            }
            _ => {
                tell(piece(&held), self.begun);
                self.skipping = held.last() != Some(&b'\n');
                if first_line.is_some() {
                    self.grammar.end_items_with_lines();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
