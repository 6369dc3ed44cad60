//! Expressions of clauses: a part of CEL (Common Expression Language) that always ends and cannot
//! fail once it is checked.
//!
//! Allowed: the fields of [`FIELDS`], literals, `&& || ! == != < <= > >= in ?:`, lists of literals
//! and `size()`. No arithmetic, loops (`all`, `exists`, `map`, …), indexing or other functions: what
//! cannot be written cannot go wrong before an officer. The parser and the evaluator are those of the
//! `cel` crate; the check of types and words is ours, because CEL itself would find them only when a
//! clause is first needed.

mod checker;

use std::fmt;
use std::sync::Arc;

use cel::{Context, Program, Value};

use checker::{Checker, Type};

/// Longest expression, bytes.
pub const MAX_BYTES: usize = 2_000;
/// Deepest nesting of brackets, and longest run of `!`, `-` and `?`: the parser is recursive.
const MAX_NESTING: usize = 24;

/// What kind of words a text holds; comparing two kinds is a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Words {
    /// An event's kind.
    EventKind,
    /// An event's class.
    EventClass,
    /// The id of an area of the theatre.
    Area,
    /// A party's id; empty for none.
    Party,
    /// A time, `2020-11-09T21:00:00.000000Z`: in this form the order of texts is that of times.
    Time,
}

/// The fields an expression may use, and what they hold. Distances are metres over ground.
const FIELDS: &[(&str, Type)] = &[
    ("party", Type::Text(Some(Words::Party))),
    ("p_party", Type::Double),
    ("p_none", Type::Double),
    ("event.kind", Type::Text(Some(Words::EventKind))),
    ("event.class", Type::Text(Some(Words::EventClass))),
    ("event.time", Type::Text(Some(Words::Time))),
    ("event.lat", Type::Double),
    ("event.lon", Type::Double),
    ("event.sd_m", Type::Double),
    ("event.areas", Type::List(Some(Words::Area))),
    ("event.sure_areas", Type::List(Some(Words::Area))),
    ("event.holder", Type::Text(Some(Words::Party))),
    ("event.line_m", Type::Double),
    ("event.announced", Type::Bool),
    ("impact.known", Type::Bool),
    ("impact.lat", Type::Double),
    ("impact.lon", Type::Double),
    ("impact.areas", Type::List(Some(Words::Area))),
    ("impact.holder", Type::Text(Some(Words::Party))),
    ("impact.line_m", Type::Double),
];

/// The names of the fields an expression may use.
pub fn fields() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

/// A word that an expression names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// What it is meant to be.
    pub words: Words,
    /// The word.
    pub word: String,
    /// Byte of the expression at which it stands.
    pub at: usize,
}

/// What is wrong with an expression, and at which byte of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Byte of the expression.
    pub at: usize,
    /// What was seen.
    pub what: String,
    /// What was expected.
    pub expected: String,
}

/// An expression that has been checked and gives true or false.
#[derive(Clone)]
pub struct Expression {
    source: String,
    program: Arc<Program>,
    mentions: Vec<Mention>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl Expression {
    /// Parses and checks an expression.
    ///
    /// # Errors
    /// All mistakes found, in order of their place.
    pub fn parse(source: &str) -> Result<Self, Vec<Mistake>> {
        bounded(source).map_err(|mistake| vec![mistake])?;
        let program = Program::compile(source).map_err(|errors| syntax(source, errors))?;
        let mut checker = Checker::new(&program);
        let root = program.expression();
        if let Some(given) = checker.kind_of(root)
            && given != Type::Bool
        {
            checker.mistake(root, format!("{given}"), "true or false");
        }
        let (mut mistakes, mut mentions) = (checker.mistakes, checker.mentions);
        mistakes.sort_by_key(|m| m.at);
        mentions.sort();
        if mistakes.is_empty() {
            Ok(Self {
                source: source.to_owned(),
                program: Arc::new(program),
                mentions,
            })
        } else {
            Err(mistakes)
        }
    }

    /// The kinds, classes, areas and parties it names.
    #[must_use]
    pub fn mentions(&self) -> &[Mention] {
        &self.mentions
    }

    /// Whether it holds. A checked expression always gives true or false; should the evaluator
    /// disagree with our check, this says so instead of guessing.
    ///
    /// # Errors
    /// The evaluator's words.
    pub(crate) fn holds(&self, context: &Context<'_, '_>) -> Result<bool, String> {
        match self.program.execute(context) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(other) => Err(format!("{other:?} instead of true or false")),
            Err(e) => Err(e.to_string()),
        }
    }
}

/// Refuses what the recursive parser should never see.
fn bounded(source: &str) -> Result<(), Mistake> {
    let mistake = |at: usize, what: &str, expected: String| {
        Err(Mistake {
            at,
            what: what.to_owned(),
            expected,
        })
    };
    if source.len() > MAX_BYTES {
        return mistake(0, "a long expression", format!("at most {MAX_BYTES} bytes"));
    }
    let (mut depth, mut run, mut choices) = (0_usize, 0, 0);
    for (at, c) in source.char_indices() {
        if c.is_control() && c != '\n' && c != '\t' && c != '\r' {
            return mistake(at, "a control character", "text".to_owned());
        }
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '?' => choices += 1,
            _ => {}
        }
        match c {
            '!' | '-' => run += 1,
            c if c.is_whitespace() => {}
            _ => run = 0,
        }
        if depth.max(run).max(choices) > MAX_NESTING {
            return mistake(at, "deep nesting", format!("at most {MAX_NESTING} levels"));
        }
    }
    Ok(())
}

fn syntax(source: &str, errors: cel::ParseErrors) -> Vec<Mistake> {
    let mut mistakes: Vec<_> = errors
        .errors
        .into_iter()
        .take(5)
        .map(|e| {
            let line = usize::try_from(e.pos.0).unwrap_or(1).max(1);
            let column = usize::try_from(e.pos.1).unwrap_or(1).max(1);
            let start: usize = source
                .split_inclusive('\n')
                .take(line - 1)
                .map(str::len)
                .sum();
            Mistake {
                at: (start + column - 1).min(source.len()),
                what: e.msg.lines().next().unwrap_or("syntax error").to_owned(),
                expected: "an expression in CEL".to_owned(),
            }
        })
        .collect();
    mistakes.dedup();
    mistakes
}

#[cfg(test)]
mod tests;
