//! What each part of an expression gives, and whether that can be meant.

use std::fmt;

use cel::Program;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};
use truceline_domain::{EventKind, Observed};

use super::{FIELDS, Mention, Mistake, Words, fields};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
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

pub(super) struct Checker<'a> {
    program: &'a Program,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) mentions: Vec<Mention>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        Self {
            program,
            mistakes: Vec::new(),
            mentions: Vec::new(),
        }
    }

    fn at(&self, e: &IdedExpr) -> usize {
        let info = self.program.source_info();
        let at = info.offset_for(e.id).map_or(0, |(start, _)| start as usize);
        at.min(info.source.len())
    }

    pub(super) fn mistake(
        &mut self,
        e: &IdedExpr,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let at = self.at(e);
        self.mistakes.push(Mistake {
            at,
            what: what.into(),
            expected: expected.into(),
        });
    }

    /// What `e` gives; `None` when that cannot be said, after telling why.
    pub(super) fn kind_of(&mut self, e: &IdedExpr) -> Option<Type> {
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
