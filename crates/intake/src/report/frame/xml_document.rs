//! Items that are XML documents, one after another.

use super::{Grammar, Step};

/// One document: its document type declaration, if it has one, and its root element. XML declarations,
/// processing instructions and comments between documents are passed over. Text outside any
/// element is an item of its own, up to the end of its line, so that its reader refuses it.
///
/// Only as much of the notation is known as finding the root's end takes; whether the document is
/// well formed is for its reader to say.
#[derive(Debug, Default)]
pub(crate) struct XmlDocument {
    /// Elements that are open.
    depth: u32,
    state: State,
    /// The last bytes, newest lowest.
    recent: u32,
    /// The document has begun with a document type declaration.
    declared: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Junk,
    /// Behind `<`.
    Open,
    /// Within a tag; the quote when within a value.
    Tag {
        closing: bool,
        quote: Option<u8>,
    },
    /// Behind `<!`.
    Bang,
    Comment,
    Cdata,
    Instruction,
    /// Within `<!DOCTYPE`, so deep in brackets.
    Doctype {
        brackets: u32,
    },
}

impl Grammar for XmlDocument {
    const LIMIT_BYTES: usize = 1024 * 1024;

    fn step(&mut self, byte: u8) -> Step {
        self.recent = (self.recent << 8) | u32::from(byte);
        match self.state {
            State::Text => self.text(byte),
            State::Junk => {
                if byte == b'\n' {
                    self.abandon();
                    return Step::Last;
                }
                Step::Within
            }
            State::Open => {
                self.state = match byte {
                    b'!' => State::Bang,
                    b'?' => State::Instruction,
                    b'/' => State::Tag {
                        closing: true,
                        quote: None,
                    },
                    _ => State::Tag {
                        closing: false,
                        quote: None,
                    },
                };
                Step::Within
            }
            State::Tag { closing, quote } => self.tag(byte, closing, quote),
            State::Bang => {
                self.state = match byte {
                    b'-' => State::Comment,
                    b'[' => State::Cdata,
                    _ => State::Doctype { brackets: 0 },
                };
                self.declared |= !matches!(byte, b'-' | b'[');
                Step::Within
            }
            State::Comment => self.ended_by(b"-->"),
            State::Cdata => self.ended_by(b"]]>"),
            State::Instruction => self.ended_by(b"?>"),
            State::Doctype { brackets } => {
                self.state = match byte {
                    b'[' => State::Doctype {
                        brackets: brackets.saturating_add(1),
                    },
                    b']' => State::Doctype {
                        brackets: brackets.saturating_sub(1),
                    },
                    b'>' if brackets == 0 => State::Text,
                    _ => self.state,
                };
                Step::Within
            }
        }
    }

    fn abandon(&mut self) {
        *self = Self::default();
    }

    fn whole_at_end(&self) -> bool {
        self.state == State::Junk
    }
}

impl XmlDocument {
    fn outside(&self) -> bool {
        self.depth == 0 && !self.declared
    }

    fn text(&mut self, byte: u8) -> Step {
        match byte {
            b'<' => self.state = State::Open,
            // The last three are a byte order mark.
            b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf if self.outside() => {
                return Step::Between;
            }
            _ if self.outside() => self.state = State::Junk,
            _ => {}
        }
        Step::Within
    }

    fn tag(&mut self, byte: u8, closing: bool, quote: Option<u8>) -> Step {
        let quote = match (quote, byte) {
            (Some(open), _) if open == byte => None,
            (None, b'"' | b'\'') => Some(byte),
            (None, b'>') => return self.tag_ends(closing),
            _ => quote,
        };
        self.state = State::Tag { closing, quote };
        Step::Within
    }

    fn tag_ends(&mut self, closing: bool) -> Step {
        self.state = State::Text;
        if closing {
            self.depth = self.depth.saturating_sub(1);
        } else if self.recent & 0xffff != u32::from_be_bytes([0, 0, b'/', b'>']) {
            self.depth += 1;
        }
        if self.depth == 0 {
            self.abandon();
            return Step::Last;
        }
        Step::Within
    }

    fn ended_by(&mut self, mark: &[u8]) -> Step {
        let recent = self.recent.to_be_bytes();
        if !recent.ends_with(mark) {
            return Step::Within;
        }
        self.state = State::Text;
        if self.outside() {
            Step::Between
        } else {
            Step::Within
        }
    }
}
