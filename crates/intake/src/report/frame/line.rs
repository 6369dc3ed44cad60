//! Items that are lines.

use super::{Grammar, Step};

/// One line, with its end; an empty line is no item.
#[derive(Debug, Default)]
pub(crate) struct Line {
    begun: bool,
}

impl Grammar for Line {
    const LIMIT_BYTES: usize = 64 * 1024;

    fn step(&mut self, byte: u8) -> Step {
        match (byte, self.begun) {
            (b'\n', true) => {
                self.begun = false;
                Step::Last
            }
            (b'\n', false) => Step::Between,
            _ => {
                self.begun = true;
                Step::Within
            }
        }
    }

    fn abandon(&mut self) {
        self.begun = false;
    }

    fn whole_at_end(&self) -> bool {
        true
    }
}
