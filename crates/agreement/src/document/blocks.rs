//! Typed fenced blocks in Markdown: what they are called, what they hold, where they stand.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// Most blocks of one document.
const MAX_BLOCKS: usize = 5_000;

/// One fenced block.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// First word after the fence.
    pub kind: String,
    /// What stands between the fences.
    pub text: String,
    /// Byte at which the fence begins.
    pub start: usize,
    /// Line of the fence, from 1.
    pub line: usize,
    /// (byte within `text`, line and column of it in the file) for each piece of `text`: a block
    /// within a list or quotation is cut into pieces.
    pieces: Vec<(usize, usize, usize)>,
}

impl Block {
    /// Line and column, from 1, of a byte of `text`.
    pub(crate) fn position(&self, at: usize) -> (usize, usize) {
        let i = self.pieces.partition_point(|(start, ..)| *start <= at);
        let (start, line, column) = i
            .checked_sub(1)
            .and_then(|i| self.pieces.get(i))
            .copied()
            .unwrap_or((0, self.line + 1, 1));
        let before = self.text.get(start..at).unwrap_or_default();
        match before.rsplit_once('\n') {
            None => (line, column + before.chars().count()),
            Some((above, last)) => (
                line + 1 + above.matches('\n').count(),
                1 + last.chars().count(),
            ),
        }
    }
}

/// The fenced blocks of a document in order; the second is false when there were too many.
pub(crate) fn blocks(text: &str) -> (Vec<Block>, bool) {
    let newlines: Vec<usize> = text.match_indices('\n').map(|(i, _)| i).collect();
    let line_of = |at: usize| 1 + newlines.partition_point(|n| *n < at);
    let column_of = |at: usize| {
        let above = newlines.partition_point(|n| *n < at);
        let start = above
            .checked_sub(1)
            .and_then(|i| newlines.get(i))
            .map_or(0, |n| n + 1);
        1 + text.get(start..at).map_or(0, |s| s.chars().count())
    };
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                if blocks.len() >= MAX_BLOCKS {
                    return (blocks, false);
                }
                open = Some(Block {
                    kind: info.split_whitespace().next().unwrap_or("").to_owned(),
                    text: String::new(),
                    start: range.start,
                    line: line_of(range.start),
                    pieces: Vec::new(),
                });
            }
            Event::Text(piece) => {
                if let Some(block) = &mut open {
                    let at = range.start;
                    block
                        .pieces
                        .push((block.text.len(), line_of(at), column_of(at)));
                    block.text.push_str(&piece);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    (blocks, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_knows_where_each_byte_stands() {
        let text =
            "# T\n\n- item\n\n  ```clause\n  id = \"a\"\n  bad = 1\n  ```\n\n```party\nx\n```\n";
        let (found, whole) = blocks(text);
        assert!(whole);
        let kinds: Vec<_> = found.iter().map(|b| (b.kind.as_str(), b.line)).collect();
        assert_eq!(kinds, [("clause", 5), ("party", 10)]);
        let at = found[0].text.find("bad").unwrap();
        assert_eq!(found[0].position(at), (7, 3));
        assert_eq!(found[1].position(0), (11, 1));
    }
}
