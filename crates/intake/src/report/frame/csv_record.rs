//! Items that are records of CSV (RFC 4180): a line feed within quotes belongs to the record.

use super::{Grammar, Step};

/// One record. Commas, semicolons and tabs all count as delimiters here: a quote opens a quoted
/// field only behind one of them or at the record's start.
#[derive(Debug, Default)]
pub(crate) struct CsvRecord {
    state: State,
    lines_only: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Between,
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end of the field, or the first of a doubled quote.
    Quote,
}

impl Grammar for CsvRecord {
    const LIMIT_BYTES: usize = 64 * 1024;

    fn step(&mut self, byte: u8) -> Step {
        let quoted = self.state == State::Quoted && !self.lines_only;
        if byte == b'\n' && !quoted {
            let begun = self.state != State::Between;
            self.state = State::Between;
            return if begun { Step::Last } else { Step::Between };
        }
        self.state = match (self.state, byte) {
            (State::Between | State::FieldStart | State::Quote, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, _) => State::Quoted,
            (_, b',' | b';' | b'\t') => State::FieldStart,
            _ => State::Plain,
        };
        Step::Within
    }

    fn abandon(&mut self) {
        self.state = State::Between;
    }

    fn end_items_with_lines(&mut self) {
        self.lines_only = true;
    }

    fn whole_at_end(&self) -> bool {
        self.state != State::Quoted || self.lines_only
    }
}
