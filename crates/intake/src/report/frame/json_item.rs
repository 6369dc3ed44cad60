//! Items that are JSON objects: one a line, one after another, in an array, or in the array
//! `results` of an object around it (the export of KoboToolbox and of ODK's like).

use super::{Grammar, Step};

/// One object. Text that is no object is an item too, up to the end of its line, so that its
/// reader refuses it.
#[derive(Debug, Default)]
pub(crate) struct JsonItem {
    /// What would close the open braces and brackets of the item, outermost first.
    open: Vec<u8>,
    string: Option<Text>,
    /// The last string at depth 1, when it may be the word `results`.
    key: Key,
    junk: bool,
    /// Items stand in an array.
    listed: bool,
    /// Items stand in `results`, or that array has ended.
    wrapped: Option<Wrapper>,
    /// The item that has begun goes over a line's end.
    many_lines: bool,
    /// The first item was one line, so all are.
    lines_only: bool,
}

#[derive(Debug, Clone, Copy)]
struct Text {
    escaped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    Open,
    Ended,
}

/// How much of `"results"` the string that is being read has matched.
#[derive(Debug, Clone, Copy, Default)]
struct Key {
    matched: Option<usize>,
}

const RESULTS: &[u8] = b"results";

/// Deeper objects are no report; `serde_json` refuses them at the same depth.
const MAX_DEPTH: usize = 127;

impl Key {
    fn begin(&mut self) {
        self.matched = Some(0);
    }

    fn read(&mut self, byte: u8) {
        self.matched = match self.matched {
            Some(n) if RESULTS.get(n) == Some(&byte) => Some(n + 1),
            _ => None,
        };
    }

    fn is_results(self) -> bool {
        self.matched == Some(RESULTS.len())
    }
}

impl Grammar for JsonItem {
    const LIMIT_BYTES: usize = 256 * 1024;

    fn step(&mut self, byte: u8) -> Step {
        if self.junk {
            return self.ended_by_line(byte);
        }
        if self.open.is_empty() {
            return self.between(byte);
        }
        if byte == b'\n' && (self.string.is_some() || self.lines_only) {
            // No string of JSON has a bare line feed: what is held can only be refused.
            self.abandon();
            return Step::Last;
        }
        self.many_lines |= byte == b'\n';
        match &mut self.string {
            Some(text) => {
                if text.escaped || byte == b'\\' {
                    text.escaped = !text.escaped;
                    self.key.matched = None;
                } else if byte == b'"' {
                    self.string = None;
                } else {
                    self.key.read(byte);
                }
                Step::Within
            }
            None => self.structure(byte),
        }
    }

    fn abandon(&mut self) {
        self.open.clear();
        self.string = None;
        self.junk = false;
        self.many_lines = false;
    }

    fn end_items_with_lines(&mut self) {
        self.lines_only = true;
    }

    fn whole_at_end(&self) -> bool {
        self.junk
    }
}

impl JsonItem {
    fn between(&mut self, byte: u8) -> Step {
        if self.wrapped == Some(Wrapper::Ended) {
            return Step::Between;
        }
        match byte {
            // The last three are a byte order mark.
            b' ' | b'\t' | b'\r' | b'\n' | b',' | 0xef | 0xbb | 0xbf => Step::Between,
            b'[' => {
                self.listed = true;
                Step::Between
            }
            b']' => {
                if self.wrapped.is_some() {
                    self.wrapped = Some(Wrapper::Ended);
                }
                self.listed = false;
                Step::Between
            }
            b'{' => {
                self.open.push(b'}');
                self.many_lines = false;
                self.key = Key::default();
                Step::Within
            }
            _ => {
                self.junk = true;
                Step::Within
            }
        }
    }

    fn structure(&mut self, byte: u8) -> Step {
        match byte {
            b'"' => {
                self.string = Some(Text { escaped: false });
                if self.open.len() == 1 {
                    self.key.begin();
                }
            }
            b'[' if self.open.len() == 1 && self.key.is_results() && self.wrapped.is_none() => {
                self.abandon();
                self.wrapped = Some(Wrapper::Open);
                self.listed = true;
                return Step::Between;
            }
            b'{' | b'[' if self.open.len() == MAX_DEPTH => return Step::Broken,
            b'{' => self.open.push(b'}'),
            b'[' => self.open.push(b']'),
            b'}' | b']' if self.open.pop() != Some(byte) => return Step::Broken,
            _ => {}
        }
        if !self.open.is_empty() {
            return Step::Within;
        }
        self.lines_only |= !self.listed && !self.many_lines;
        Step::Last
    }

    fn ended_by_line(&mut self, byte: u8) -> Step {
        self.junk = byte != b'\n';
        if self.junk { Step::Within } else { Step::Last }
    }
}
