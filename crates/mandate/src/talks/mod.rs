//! Talks about the working procedures: who sits at the table, what was spoken of when, what each side
//! wants, and what both have agreed.
//!
//! A point is about one clause of the text ([`redline::parts`] gives the keys). Each side states the words
//! it wants; both initial the same words; then, and only then, these words are part of the next draft.
//! Nobody sets a point to *agreed*: it follows from positions and initials.

pub mod redline;
pub mod table;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use truceline_domain::{Observed, PartyId, Sha256};

use crate::{Refusal, Signer, signed_by};

/// What an entry of type `talks` states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Statement {
    /// Who speaks for a state; a later one takes the place of the earlier.
    Delegation {
        /// The state.
        state: PartyId,
        /// How many they are.
        size: u32,
        /// Those who are named.
        members: Vec<Delegate>,
    },
    /// A meeting; with minutes when it is over.
    Round {
        /// Its number, from 1.
        round: u32,
        /// Where.
        place: String,
        /// When.
        date: Date,
        /// What is to be spoken of.
        agenda: Vec<String>,
        /// What was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minutes: Option<String>,
    },
    /// A point is opened.
    Point {
        /// Its name.
        point: String,
        /// The clause it is about: `field.NAME`, a paragraph's number, or a new one.
        clause: String,
        /// What it is about, in a line.
        about: String,
    },
    /// What a state wants the clause to say; without words, that there be none.
    Position {
        /// The point.
        point: String,
        /// The state.
        state: PartyId,
        /// The clause's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A state's initials under words that both want.
    Initial {
        /// The point.
        point: String,
        /// The state.
        state: PartyId,
        /// SHA-256 of the words; of no words, of nothing.
        sha256: Sha256,
        /// Still to be confirmed by the capital.
        ad_referendum: bool,
    },
    /// Both leave a point to the host.
    Refer {
        /// The point.
        point: String,
    },
    /// A remark on a point.
    Comment {
        /// The point.
        point: String,
        /// The state.
        state: PartyId,
        /// What it says.
        text: String,
    },
}

/// A member of a delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegate {
    /// Name.
    pub name: String,
    /// Rank or role.
    pub role: String,
}

/// Where a point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not agreed.
    Open,
    /// Both have initialled the same words, at least one ad referendum.
    AdReferendum,
    /// Both have initialled the same words.
    Agreed,
    /// Left to the host.
    Referred,
}

/// A state's position on a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The words; `None` for no clause at all.
    pub words: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When it was stated.
    pub at: Observed,
    /// Whether it is initialled: `Some(true)` ad referendum.
    pub initialled: Option<bool>,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comment {
    /// Whose.
    pub state: PartyId,
    /// When.
    pub at: Observed,
    /// What.
    pub text: String,
}

/// A point under negotiation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Its name.
    pub point: String,
    /// The clause it is about.
    pub clause: String,
    /// What it is about.
    pub about: String,
    /// What each side wants.
    pub positions: BTreeMap<PartyId, Position>,
    /// Remarks.
    pub comments: Vec<Comment>,
    /// Whether both left it to the host.
    pub referred: bool,
}

/// A meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Round {
    /// Its number.
    pub round: u32,
    /// Where.
    pub place: String,
    /// When.
    pub date: Date,
    /// What was to be spoken of.
    pub agenda: Vec<String>,
    /// What was said.
    pub minutes: Option<String>,
}

/// A delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delegation {
    /// How many.
    pub size: u32,
    /// Those who are named.
    pub members: Vec<Delegate>,
}

/// The talks of a record, statement by statement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Talks {
    /// Who speaks for whom.
    pub delegations: BTreeMap<PartyId, Delegation>,
    /// The meetings, in order.
    pub rounds: Vec<Round>,
    /// The points, in the order in which they were opened.
    pub points: Vec<Point>,
}

/// The hash that initials are under.
#[must_use]
pub fn words_sha256(words: Option<&str>) -> Sha256 {
    Sha256::of(words.unwrap_or_default().as_bytes())
}

const MAX_TEXT_BYTES: usize = 16 << 10;
const MAX_POINTS: usize = 2_000;

impl Talks {
    /// Takes a statement by those who signed it, where `sending` are the two states.
    ///
    /// # Errors
    /// [`Refusal`] when the wrong ones signed, or it speaks of what is not there. Nothing is changed then.
    pub fn take(
        &mut self,
        at: Observed,
        statement: &Statement,
        signers: &[Signer],
        sending: &[PartyId],
    ) -> Result<(), Refusal> {
        match statement {
            Statement::Delegation { state, .. }
            | Statement::Position { state, .. }
            | Statement::Initial { state, .. }
            | Statement::Comment { state, .. } => for_state(state, signers, sending)?,
            Statement::Refer { .. } => {
                if let Some(missing) = sending.iter().find(|state| !signed_by(signers, state)) {
                    let what = format!("no key of {missing}");
                    return Err(Refusal::new(what, "a key of each sending state"));
                }
            }
            Statement::Round { .. } | Statement::Point { .. } => {
                if !sending.iter().any(|state| signed_by(signers, state)) {
                    return Err(Refusal::new("signed by others", "a key of a sending state"));
                }
            }
        }
        self.stated(at, statement)
    }

    fn stated(&mut self, at: Observed, statement: &Statement) -> Result<(), Refusal> {
        match statement {
            Statement::Delegation {
                state,
                size,
                members,
            } => {
                if usize::try_from(*size).unwrap_or(0) < members.len() {
                    let what = format!("{} members named of {size}", members.len());
                    return Err(Refusal::new(what, "a size of at least that many"));
                }
                let delegation = Delegation {
                    size: *size,
                    members: members.clone(),
                };
                self.delegations.insert(state.clone(), delegation);
            }
            Statement::Round {
                round,
                place,
                date,
                agenda,
                minutes,
            } => {
                let new = Round {
                    round: *round,
                    place: line(place, "a place")?,
                    date: *date,
                    agenda: agenda.clone(),
                    minutes: minutes.clone(),
                };
                self.round(new)?;
            }
            Statement::Point {
                point,
                clause,
                about,
            } => {
                if self.points.len() >= MAX_POINTS {
                    return Err(Refusal::new("one more point", "at most 2,000"));
                }
                if self
                    .points
                    .iter()
                    .any(|p| p.point == *point || p.clause == *clause)
                {
                    let what = format!("a second point {point:?} or on clause {clause:?}");
                    return Err(Refusal::new(what, "one point a clause"));
                }
                self.points.push(Point {
                    point: line(point, "a name")?,
                    clause: clause_key(clause)?,
                    about: line(about, "what it is about")?,
                    positions: BTreeMap::new(),
                    comments: Vec::new(),
                    referred: false,
                });
            }
            Statement::Position {
                point,
                state,
                words,
                note,
            } => {
                let known = self.point(point)?;
                if let Some(words) = words {
                    fits_clause(&known.clause, words)?;
                }
                // New words are not initialled, and take a point back from the host.
                let position = Position {
                    words: words.clone(),
                    note: note.clone(),
                    at,
                    initialled: None,
                };
                known.positions.insert(state.clone(), position);
                known.referred = false;
            }
            Statement::Initial {
                point,
                state,
                sha256,
                ad_referendum,
            } => {
                let known = self.point(point)?;
                let all: Vec<_> = known.positions.values().collect();
                let same = matches!(all.as_slice(), [a, b] if a.words == b.words);
                if !same {
                    let what = format!("{point}: the two want different words");
                    return Err(Refusal::new(what, "the same words by both"));
                }
                let Some(own) = known.positions.get_mut(state) else {
                    return Err(Refusal::new("no position of that state", "a position"));
                };
                let words = words_sha256(own.words.as_deref());
                if words != *sha256 {
                    let what = format!("initials under other words, {sha256}");
                    return Err(Refusal::new(what, words.to_string()));
                }
                own.initialled = Some(*ad_referendum);
            }
            Statement::Refer { point } => self.point(point)?.referred = true,
            Statement::Comment { point, state, text } => {
                let comment = Comment {
                    state: state.clone(),
                    at,
                    text: line(text, "a remark")?,
                };
                self.point(point)?.comments.push(comment);
            }
        }
        Ok(())
    }

    fn round(&mut self, new: Round) -> Result<(), Refusal> {
        match self.rounds.iter_mut().find(|r| r.round == new.round) {
            // The same meeting with its minutes.
            Some(known) if known.minutes.is_none() && known.date == new.date => *known = new,
            Some(known) => {
                let what = format!("a second round {} on {}", new.round, new.date);
                let expected = format!("minutes of that of {}, once", known.date);
                return Err(Refusal::new(what, expected));
            }
            None => {
                let last = self.rounds.last();
                if last.is_some_and(|last| last.round >= new.round || last.date > new.date) {
                    let what = format!("round {} on {}", new.round, new.date);
                    return Err(Refusal::new(what, "one after the last"));
                }
                self.rounds.push(new);
            }
        }
        Ok(())
    }

    fn point(&mut self, name: &str) -> Result<&mut Point, Refusal> {
        let known: Vec<_> = self
            .points
            .iter()
            .take(20)
            .map(|p| p.point.clone())
            .collect();
        let mut all = self.points.iter_mut();
        all.find(|p| p.point == name).ok_or_else(|| {
            let what = format!("no point {name:?}");
            Refusal::new(what, format!("one of {}", known.join(", ")))
        })
    }

    /// What both have agreed, by clause: the words, or nothing where a clause is to go.
    #[must_use]
    pub fn agreed(&self) -> BTreeMap<String, Option<String>> {
        let agreed = self.points.iter().filter(|p| p.status() == Status::Agreed);
        agreed
            .filter_map(|p| Some((p.clause.clone(), p.positions.values().next()?.words.clone())))
            .collect()
    }

    /// The next draft: the text with what both have agreed, its number and start, and nothing else.
    #[must_use]
    pub fn draft(&self, base: &str, version: u32, from: Date, drafted: Date) -> String {
        let mut changes = self.agreed();
        for (key, value) in [
            ("version", version.to_string()),
            ("from", from.to_string()),
            ("drafted", drafted.to_string()),
        ] {
            let line = format!("{key} = {value}");
            changes.insert(format!("field.{key}"), Some(line));
        }
        // The signatures under the text before are not signatures under this one.
        changes.insert("field.signed_by".to_owned(), None);
        redline::amended(base, &changes)
    }
}

impl Point {
    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        let all: Vec<_> = self.positions.values().collect();
        if let [a, b] = all.as_slice()
            && a.words == b.words
            && let (Some(a), Some(b)) = (a.initialled, b.initialled)
        {
            return if a || b {
                Status::AdReferendum
            } else {
                Status::Agreed
            };
        }
        if self.referred {
            Status::Referred
        } else {
            Status::Open
        }
    }
}

fn for_state(state: &PartyId, signers: &[Signer], sending: &[PartyId]) -> Result<(), Refusal> {
    if !sending.contains(state) {
        let names: Vec<_> = sending.iter().map(PartyId::as_str).collect();
        let what = format!("the position of {state}");
        return Err(Refusal::new(what, format!("of {}", names.join(" or "))));
    }
    if !signed_by(signers, state) {
        let what = format!("not signed by an officer of {state}");
        return Err(Refusal::new(what, format!("a key of {state}")));
    }
    Ok(())
}

fn line(text: &str, expected: &str) -> Result<String, Refusal> {
    let fits = !text.trim().is_empty() && text.len() <= MAX_TEXT_BYTES;
    fits.then(|| text.to_owned()).ok_or_else(|| {
        let what = format!("{} bytes of text", text.len());
        Refusal::new(what, format!("{expected}, of 1 to {MAX_TEXT_BYTES} bytes"))
    })
}

fn clause_key(key: &str) -> Result<String, Refusal> {
    let name = key.strip_prefix("field.");
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let number = key.len() <= 4 && !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit());
    if number || name.is_some_and(plain) {
        return Ok(key.to_owned());
    }
    let what = format!("clause {key:?}");
    Err(Refusal::new(what, "a paragraph's number, or field.NAME"))
}

/// Words of a clause are that clause and no other: nothing can be smuggled in with them.
fn fits_clause(key: &str, words: &str) -> Result<(), Refusal> {
    line(words, "the clause's words")?;
    let within = if key.starts_with("field.") {
        format!("```procedures\n{words}\n```\n")
    } else {
        format!("{words}\n")
    };
    let keys: Vec<_> = redline::parts(&within)
        .into_iter()
        .map(|part| part.key)
        .filter(|part| part != "preamble")
        .collect();
    let fenced = words.contains("```") || words.contains("~~~");
    if fenced || keys != [key] {
        let what = format!("words that are the clauses {}", keys.join(", "));
        let expected = match key.strip_prefix("field.") {
            Some(name) => format!("{name} = …, and nothing else"),
            None => format!("a paragraph that begins with {key}. and nothing else"),
        };
        return Err(Refusal::new(what, expected));
    }
    Ok(())
}
