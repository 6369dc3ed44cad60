//! What is wrong with a document: file, line, what was seen, what was expected.

use std::fmt;

/// How grave a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document cannot be obeyed.
    Error,
    /// It can, but people should know.
    Note,
}

/// One fault of one document.
///
/// Shown as `file:line:column: error: what; expected …`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// The file, as it was named by the caller.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1, where it is known.
    pub column: Option<usize>,
    /// How grave.
    pub severity: Severity,
    /// What was seen.
    pub what: String,
    /// What would have been right.
    pub expected: String,
}

/// Longest text kept of what was seen: documents are hostile until proven otherwise.
const MAX_WHAT_CHARS: usize = 300;

impl Fault {
    /// An error.
    pub fn error(
        file: &str,
        line: usize,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        let cut = |text: String| match text.char_indices().nth(MAX_WHAT_CHARS) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text,
        };
        Self {
            file: file.to_owned(),
            line: line.max(1),
            column: None,
            severity: Severity::Error,
            what: cut(what.into()),
            expected: cut(expected.into()),
        }
    }

    /// A note.
    pub fn note(
        file: &str,
        line: usize,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(file, line, what, expected)
        }
    }

    /// The same fault with its column, from 1.
    #[must_use]
    pub fn at_column(mut self, column: usize) -> Self {
        self.column = Some(column.max(1));
        self
    }

    /// Whether the document cannot be obeyed.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Note => "note",
        };
        write!(f, ": {severity}: {}; expected {}", self.what, self.expected)
    }
}

/// All faults found, in order of file and line. As an error it holds at least one [`Severity::Error`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}
