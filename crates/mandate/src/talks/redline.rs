//! What differs between two texts of the procedures, clause by clause and word by word.
//!
//! A text has two kinds of clauses: the fields of its `procedures` block (`field.retention`), and the
//! numbered paragraphs around it (`4`). Everything else (headings, the words before the first number) is
//! one clause, `preamble`.

use std::collections::BTreeMap;

use serde::Serialize;

/// A clause of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its key: `preamble`, `field.NAME`, or the paragraph's number.
    pub key: String,
    /// Its text, without the line's end after it.
    pub text: String,
}

/// The clauses of a text, in its order. Put together again line by line they are the text before its
/// first `approval` block.
#[must_use]
pub fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if let Some(kind) = trimmed.strip_prefix("```") {
            if fence.is_none() && kind.trim() == "approval" {
                break;
            }
            fence = match fence {
                None => Some(kind.trim().to_owned()),
                Some(_) => None,
            };
            push(&mut parts, "preamble", line);
            continue;
        }
        let key = match fence.as_deref() {
            Some("procedures") => field(line).map(|name| format!("field.{name}")),
            Some(_) => None,
            None => number(line).map(str::to_owned),
        };
        match key {
            Some(key) => parts.push(Part {
                key,
                text: line.to_owned(),
            }),
            None => {
                let outside = fence.is_none() && (line.trim().is_empty() || line.starts_with('#'));
                let in_block = fence.as_deref() == Some("procedures");
                let last = parts.last_mut().filter(|p| p.key != "preamble");
                match last {
                    Some(part) if in_block || !outside => {
                        part.text.push('\n');
                        part.text.push_str(line);
                    }
                    _ => push(&mut parts, "preamble", line),
                }
            }
        }
    }
    parts
}

/// A line of a clause that may have several pieces.
fn push(parts: &mut Vec<Part>, key: &str, line: &str) {
    match parts.last_mut().filter(|part| part.key == key) {
        Some(part) => {
            part.text.push('\n');
            part.text.push_str(line);
        }
        None => parts.push(Part {
            key: key.to_owned(),
            text: line.to_owned(),
        }),
    }
}

fn field(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim_end();
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

fn number(line: &str) -> Option<&str> {
    let (number, rest) = line.split_once('.')?;
    let digits =
        !number.is_empty() && number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit());
    (digits && rest.starts_with(' ')).then_some(number)
}

/// What became of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has other words.
    Changed,
}

/// A piece of a clause's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Whether it is kept (`None`), added or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The words.
    pub text: String,
}

/// One clause that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its key.
    pub clause: String,
    /// What became of it.
    pub change: Change,
    /// The words before; nothing for a new clause.
    pub before: Option<String>,
    /// The words after; nothing for a removed clause.
    pub after: Option<String>,
    /// Word by word, for a changed clause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Piece>,
}

/// What differs, in the order of the later text; what is gone stands last.
#[must_use]
pub fn redline(before: &str, after: &str) -> Vec<Difference> {
    let (old, new) = (by_key(before), by_key(after));
    let mut all = Vec::new();
    for (key, text) in &new.1 {
        match old.0.get(key.as_str()) {
            Some(was) if was == text => {}
            Some(was) => all.push(Difference {
                clause: key.clone(),
                change: Change::Changed,
                before: Some(was.clone()),
                after: Some(text.clone()),
                words: words(was, text),
            }),
            None => all.push(Difference {
                clause: key.clone(),
                change: Change::Added,
                before: None,
                after: Some(text.clone()),
                words: Vec::new(),
            }),
        }
    }
    for (key, text) in &old.1 {
        if !new.0.contains_key(key.as_str()) {
            all.push(Difference {
                clause: key.clone(),
                change: Change::Removed,
                before: Some(text.clone()),
                after: None,
                words: Vec::new(),
            });
        }
    }
    all
}

type Keyed = (BTreeMap<String, String>, Vec<(String, String)>);

/// The clauses by key, pieces of one key put together, and in order.
fn by_key(text: &str) -> Keyed {
    let mut order: Vec<(String, String)> = Vec::new();
    for part in parts(text) {
        match order.iter_mut().find(|(key, _)| *key == part.key) {
            Some((_, text)) => {
                text.push('\n');
                text.push_str(&part.text);
            }
            None => order.push((part.key, part.text)),
        }
    }
    (order.iter().cloned().collect(), order)
}

/// Most words of a clause that are compared one by one: it takes the product of both lengths.
const MAX_WORDS: usize = 1_500;

/// The longest common subsequence of words, as pieces that are kept, removed or added.
pub(super) fn words(before: &str, after: &str) -> Vec<Piece> {
    let a: Vec<&str> = before.split_inclusive(char::is_whitespace).collect();
    let b: Vec<&str> = after.split_inclusive(char::is_whitespace).collect();
    let mut pieces: Vec<Piece> = Vec::new();
    if a.len() > MAX_WORDS || b.len() > MAX_WORDS {
        put(&mut pieces, Some(Change::Removed), before);
        put(&mut pieces, Some(Change::Added), after);
        return pieces;
    }
    // length[i][j]: of the longest common subsequence of a[i..] and b[j..].
    let width = b.len() + 1;
    let mut length = vec![0_u32; (a.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let value = if a.get(i) == b.get(j) {
                1 + length.get(at(i + 1, j + 1)).copied().unwrap_or(0)
            } else {
                let down = length.get(at(i + 1, j)).copied().unwrap_or(0);
                down.max(length.get(at(i, j + 1)).copied().unwrap_or(0))
            };
            if let Some(cell) = length.get_mut(at(i, j)) {
                *cell = value;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => {
                put(&mut pieces, None, x);
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), y) => {
                let down = length.get(at(i + 1, j)).copied().unwrap_or(0);
                let right = length.get(at(i, j + 1)).copied().unwrap_or(0);
                match y {
                    Some(y) if right > down => {
                        put(&mut pieces, Some(Change::Added), y);
                        j += 1;
                    }
                    _ => {
                        put(&mut pieces, Some(Change::Removed), x);
                        i += 1;
                    }
                }
            }
            (None, Some(y)) => {
                put(&mut pieces, Some(Change::Added), y);
                j += 1;
            }
            (None, None) => return pieces,
        }
    }
}

fn put(pieces: &mut Vec<Piece>, change: Option<Change>, text: &str) {
    match pieces.last_mut().filter(|piece| piece.change == change) {
        Some(piece) => piece.text.push_str(text),
        None => pieces.push(Piece {
            change,
            text: text.to_owned(),
        }),
    }
}

/// A text with clauses replaced, added or taken out: only these differ. A clause that the text does
/// not have is added after the last of its kind; its version and start are set. The approval of the
/// text before is left out: it is a draft.
#[must_use]
pub fn amended(base: &str, changes: &BTreeMap<String, Option<String>>) -> String {
    let mut out: Vec<Part> = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for part in parts(base) {
        match changes.get_key_value(&part.key) {
            Some((key, Some(text))) if !done.contains(&key.as_str()) => {
                done.push(key);
                out.push(Part {
                    text: text.clone(),
                    ..part
                });
            }
            Some(_) => {}
            None => out.push(part),
        }
    }
    for (key, text) in changes {
        let Some(text) = text.as_ref().filter(|_| !done.contains(&key.as_str())) else {
            continue;
        };
        let is_field = key.starts_with("field.");
        let alike = |p: &Part| p.key != "preamble" && p.key.starts_with("field.") == is_field;
        let place = out.iter().rposition(alike).map_or(out.len(), |i| i + 1);
        let part = Part {
            key: key.clone(),
            text: text.clone(),
        };
        out.insert(place, part);
    }
    let mut text = String::new();
    for part in &out {
        text.push_str(&part.text);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "# Title\n\nWords.\n\n```procedures\nversion = 1\nroles = [\n  { id = \"a\" },\n]\n```\n\n1. **One.** First\n   and more.\n2. Two.\n\n```approval\nhost = \"h\"\n```\n";

    #[test]
    fn a_text_falls_into_its_clauses() {
        let keys: Vec<_> = parts(TEXT).into_iter().map(|p| p.key).collect();
        assert_eq!(
            keys,
            [
                "preamble",
                "field.version",
                "field.roles",
                "preamble",
                "1",
                "2",
                "preamble"
            ]
        );
        let (before, _) = TEXT.split_once("```approval").unwrap();
        assert_eq!(amended(TEXT, &BTreeMap::new()), before);
    }

    #[test]
    fn what_differs_is_told_clause_by_clause_and_word_by_word() {
        let other = TEXT
            .replace("First", "The first")
            .replace("2. Two.", "3. Three.");
        let all = redline(TEXT, &other);
        let told: Vec<_> = all.iter().map(|d| (d.clause.as_str(), d.change)).collect();
        assert_eq!(
            told,
            [
                ("1", Change::Changed),
                ("3", Change::Added),
                ("2", Change::Removed)
            ]
        );
        let added: String = all[0]
            .words
            .iter()
            .filter(|p| p.change == Some(Change::Added))
            .map(|p| p.text.as_str())
            .collect();
        assert_eq!(added, "The first\n");
        assert_eq!(redline(TEXT, TEXT), []);
    }

    #[test]
    fn a_clause_is_replaced_added_or_taken_out_and_nothing_else_changes() {
        let changes = BTreeMap::from([
            ("field.version".to_owned(), Some("version = 2".to_owned())),
            ("2".to_owned(), None),
            ("3".to_owned(), Some("3. Three.".to_owned())),
        ]);
        let new = amended(TEXT, &changes);
        let told: Vec<_> = redline(TEXT, &new)
            .into_iter()
            .map(|d| (d.clause, d.change))
            .collect();
        assert_eq!(
            told,
            [
                ("field.version".to_owned(), Change::Changed),
                ("3".to_owned(), Change::Added),
                ("2".to_owned(), Change::Removed)
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// What is kept and removed is the text before, what is kept and added the text after.
        #[test]
        fn the_pieces_are_both_texts(a in "[a-d \n]{0,60}", b in "[a-d \n]{0,60}") {
            let pieces = words(&a, &b);
            let of = |other: Change| -> String {
                pieces.iter().filter(|p| p.change != Some(other)).map(|p| p.text.as_str()).collect()
            };
            prop_assert_eq!(of(Change::Added), a);
            prop_assert_eq!(of(Change::Removed), b);
        }

        #[test]
        fn no_text_is_too_strange_to_compare(a in "\\PC{0,200}", b in "(?s).{0,200}") {
            let all = redline(&a, &b);
            prop_assert!(all.iter().all(|d| d.before != d.after));
            let _text = amended(&a, &BTreeMap::new());
        }
    }
}
