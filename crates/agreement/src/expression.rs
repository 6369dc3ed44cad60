//! Expressions of clauses: a part of CEL (Common Expression Language) that always ends and cannot
//! fail once it is checked.
//!
//! Allowed: the fields of [`FIELDS`], literals, `&& || ! == != < <= > >= in ?:`, lists of literals
//! and `size()`. No arithmetic, loops (`all`, `exists`, `map`, …), indexing or other functions: what
//! cannot be written cannot go wrong before an officer. The parser and the evaluator are those of the
//! `cel` crate; the check of types and words is ours, because CEL itself would find them only when a
//! clause is first needed.

use std::fmt;
use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};
use cel::{Context, Program, Value};
use truceline_domain::Observed;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Bool,
    Int,
    Double,
    /// `None`: a literal, whose words are those it is compared with.
    Text(Option<Words>),
    List(Option<Words>),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |w: Option<Words>| match w {
            None => "text",
            Some(Words::EventKind) => "a kind of event",
            Some(Words::EventClass) => "a class of events",
            Some(Words::Area) => "an area",
            Some(Words::Party) => "a party",
            Some(Words::Time) => "a time",
        };
        match self {
            Self::Bool => f.write_str("true or false"),
            Self::Int => f.write_str("a whole number"),
            Self::Double => f.write_str("a number"),
            Self::Text(w) => f.write_str(words(*w)),
            Self::List(w) => write!(f, "a list of {}", words(*w).trim_start_matches("a ")),
        }
    }
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
        let mut checker = Checker {
            program: &program,
            mistakes: Vec::new(),
            mentions: Vec::new(),
        };
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

struct Checker<'a> {
    program: &'a Program,
    mistakes: Vec<Mistake>,
    mentions: Vec<Mention>,
}

impl Checker<'_> {
    fn at(&self, e: &IdedExpr) -> usize {
        let info = self.program.source_info();
        let at = info.offset_for(e.id).map_or(0, |(start, _)| start as usize);
        at.min(info.source.len())
    }

    fn mistake(&mut self, e: &IdedExpr, what: impl Into<String>, expected: impl Into<String>) {
        let at = self.at(e);
        self.mistakes.push(Mistake {
            at,
            what: what.into(),
            expected: expected.into(),
        });
    }

    /// What `e` gives; `None` when that cannot be said, after telling why.
    fn kind_of(&mut self, e: &IdedExpr) -> Option<Type> {
        match &e.expr {
            Expr::Literal(literal) => self.literal(e, literal),
            Expr::Ident(_) | Expr::Select(_) => self.field(e),
            Expr::List(list) => {
                let mut all = true;
                for item in &list.elements {
                    let text = matches!(item.expr, Expr::Literal(LiteralValue::String(_)));
                    if !text {
                        self.mistake(item, "something else in a list", "texts in quotes");
                    }
                    all &= text;
                }
                all.then_some(Type::List(None))
            }
            Expr::Call(call) => self.call(e, call),
            Expr::Comprehension(_) => {
                self.mistake(e, "a loop", "an expression without loops");
                None
            }
            _ => {
                self.mistake(e, "a table", "fields, literals and operators");
                None
            }
        }
    }

    fn literal(&mut self, e: &IdedExpr, literal: &LiteralValue) -> Option<Type> {
        match literal {
            LiteralValue::Boolean(_) => Some(Type::Bool),
            LiteralValue::Int(_) => Some(Type::Int),
            LiteralValue::Double(_) => Some(Type::Double),
            LiteralValue::String(_) => Some(Type::Text(None)),
            _ => {
                self.mistake(
                    e,
                    "a literal of another kind",
                    "text, number, true or false",
                );
                None
            }
        }
    }

    fn field(&mut self, e: &IdedExpr) -> Option<Type> {
        let name = match &e.expr {
            Expr::Ident(name) => name.clone(),
            Expr::Select(select) if !select.test => match &select.operand.expr {
                Expr::Ident(of) => format!("{of}.{}", select.field),
                _ => format!("….{}", select.field),
            },
            _ => "has(…)".to_owned(),
        };
        let known = FIELDS.iter().find(|(field, _)| *field == name);
        if known.is_none() {
            let all: Vec<_> = fields().collect();
            let expected = format!("one of {}", all.join(", "));
            self.mistake(e, format!("unknown field `{name}`"), expected);
        }
        known.map(|(_, of)| *of)
    }

    fn call(&mut self, e: &IdedExpr, call: &CallExpr) -> Option<Type> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT, args) => {
                let all: Vec<_> = args.iter().map(|a| self.is(a, Type::Bool)).collect();
                all.into_iter().all(|b| b).then_some(Type::Bool)
            }
            (op::CONDITIONAL, [condition, then, otherwise]) => {
                let good = self.is(condition, Type::Bool);
                let both = (self.kind_of(then), self.kind_of(otherwise));
                let (Some(a), Some(b)) = both else {
                    return None;
                };
                if a != b {
                    self.mistake(otherwise, b.to_string(), format!("{a}, as before `:`"));
                }
                (good && a == b).then_some(a)
            }
            (op::NEGATE, [number]) => {
                let of = self.kind_of(number)?;
                if !matches!(of, Type::Int | Type::Double) {
                    self.mistake(number, of.to_string(), "a number");
                    return None;
                }
                Some(of)
            }
            (op::EQUALS | op::NOT_EQUALS, [a, b]) => self.comparison(a, b, true),
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [a, b]) => {
                self.comparison(a, b, false)
            }
            (op::IN, [item, list]) => self.membership(item, list),
            ("size", [list]) if call.target.is_none() => {
                let of = self.kind_of(list)?;
                if !matches!(of, Type::List(_)) {
                    self.mistake(list, of.to_string(), "a list");
                    return None;
                }
                Some(Type::Int)
            }
            (name, _) => {
                self.mistake(
                    e,
                    format!("`{}`", name.trim_matches(['_', '@'])),
                    "one of && || ! == != < <= > >= in ?: size()",
                );
                None
            }
        }
    }

    fn is(&mut self, e: &IdedExpr, expected: Type) -> bool {
        match self.kind_of(e) {
            Some(given) if given == expected => true,
            Some(given) => {
                self.mistake(e, given.to_string(), expected.to_string());
                false
            }
            None => false,
        }
    }

    fn comparison(&mut self, a: &IdedExpr, b: &IdedExpr, equality: bool) -> Option<Type> {
        let (ta, tb) = (self.kind_of(a), self.kind_of(b));
        let (ta, tb) = (ta?, tb?);
        let number = |t| matches!(t, Type::Int | Type::Double);
        let fits = match (ta, tb) {
            (x, y) if number(x) && number(y) => !equality || x == y,
            (Type::Text(Some(words)), Type::Text(None)) => {
                self.mention(words, b);
                equality || words == Words::Time
            }
            (Type::Text(None), Type::Text(Some(words))) => {
                self.mention(words, a);
                equality || words == Words::Time
            }
            (Type::Text(x), Type::Text(y)) => x == y && (equality || x == Some(Words::Time)),
            (Type::Bool, Type::Bool) => equality,
            _ => false,
        };
        if !fits {
            let what = format!("{tb} compared with {ta}");
            self.mistake(
                b,
                what,
                "two of the same kind, in an order that means something",
            );
        }
        fits.then_some(Type::Bool)
    }

    fn membership(&mut self, item: &IdedExpr, list: &IdedExpr) -> Option<Type> {
        let (ti, tl) = (self.kind_of(item), self.kind_of(list));
        let (ti, tl) = (ti?, tl?);
        let fits = match (ti, tl) {
            (Type::Text(Some(words)), Type::List(None)) => {
                if let Expr::List(literals) = &list.expr {
                    for literal in &literals.elements {
                        self.mention(words, literal);
                    }
                }
                true
            }
            (Type::Text(None), Type::List(Some(words))) => {
                self.mention(words, item);
                true
            }
            (Type::Text(x), Type::List(y)) => x == y,
            _ => false,
        };
        if !fits {
            self.mistake(
                item,
                format!("{ti} looked for in {tl}"),
                "text of a list's kind",
            );
        }
        fits.then_some(Type::Bool)
    }

    /// Notes a literal that stands for one of `words`, and refuses one that cannot.
    fn mention(&mut self, words: Words, literal: &IdedExpr) {
        use truceline_domain::EventKind;
        let Expr::Literal(LiteralValue::String(text)) = &literal.expr else {
            return; // Of a choice between literals: its words are only known when it runs.
        };
        let word = text.inner();
        let expected = match words {
            Words::EventKind if !EventKind::ALL.iter().any(|k| k.as_str() == word) => {
                let all: Vec<_> = EventKind::ALL.iter().map(|k| k.as_str()).collect();
                all.join(", ")
            }
            Words::EventClass if !EventKind::ALL.iter().any(|k| k.class().as_str() == word) => {
                "firing, blast, natural, activity, unknown".to_owned()
            }
            Words::Time if word.parse::<Observed>().map(|t| t.to_string()) != Ok(word.into()) => {
                "a time in UTC with six digits, such as 2020-11-09T21:00:00.000000Z".to_owned()
            }
            _ => {
                let at = self.at(literal);
                self.mentions.push(Mention {
                    words,
                    word: word.to_owned(),
                    at,
                });
                return;
            }
        };
        self.mistake(literal, format!("{word:?}"), expected);
    }
}

#[cfg(test)]
#[path = "expression_tests.rs"]
mod tests;
