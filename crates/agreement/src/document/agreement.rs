//! Agreements and memoranda: what the text is, whom it binds, and when each of its clauses binds.

use jiff::civil::Date;
use truceline_domain::{ClauseId, ClauseKind, Observed, PartyId, Sha256, TheatreId};

use super::clause::{self, Clause, Terms};
use super::fields::{Fields, Place};
use crate::when::{Offset, Validity};

/// What kind of text it is. Both are read alike; they differ in whom they bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgreementKind {
    /// Between the parties of a ceasefire.
    Agreement,
    /// Between the sending states of a centre.
    Memorandum,
}

/// One who signs or is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    /// The id that clauses use.
    pub id: PartyId,
    /// The name that people use.
    pub name: String,
}

/// One version of an agreement or memorandum.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Where its header stands.
    pub place: Place,
    /// SHA-256 of the file it was read from.
    pub sha256: Sha256,
    /// Agreement or memorandum.
    pub kind: AgreementKind,
    /// The same for all versions.
    pub id: String,
    /// The theatre it is about.
    pub theatre: TheatreId,
    /// What people call it.
    pub title: String,
    /// From 1.
    pub version: u32,
    /// The date of signature.
    pub signed: Date,
    /// The offset in which its dates are meant.
    pub offset: Offset,
    /// In force from here on.
    pub from: Observed,
    /// Not in force from here on, when it says so.
    pub until: Option<Observed>,
    /// Languages of the signed text, BCP 47.
    pub languages: Vec<String>,
    /// Who is bound.
    pub parties: Vec<Signatory>,
    /// Who guarantees it.
    pub guarantors: Vec<Signatory>,
    /// SHA-256 of the version before.
    pub supersedes: Option<Sha256>,
    /// Its clauses, in order.
    pub clauses: Vec<Clause>,
    /// Changes agreed later.
    pub amendments: Vec<Amendment>,
    /// Declarations that a term shall not be renewed.
    pub denunciations: Vec<Denunciation>,
}

/// A change to a clause's times, agreed later.
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub id: String,
    /// The clause it changes.
    pub clause: ClauseId,
    /// It counts from here on; before, the clause is read without it.
    pub agreed: Observed,
    /// What it sets.
    pub terms: Terms,
}

/// A declaration that a term shall not be renewed.
#[derive(Debug, Clone, PartialEq)]
pub struct Denunciation {
    /// Where it stands.
    pub place: Place,
    /// Who gave it.
    pub party: PartyId,
    /// The clause that holds the term.
    pub clause: ClauseId,
    /// The date it was given.
    pub given: Date,
}

impl Agreement {
    /// Whether this version, were it the only one, is in force at an instant.
    #[must_use]
    pub fn holds_at(&self, at: Observed) -> bool {
        Validity {
            from: Some(self.from),
            until: self.until,
        }
        .holds_at(at)
    }

    /// A clause's terms as they read at an instant: with the amendments agreed by then.
    #[must_use]
    pub fn terms(&self, clause: &Clause, at: Observed) -> Terms {
        let mut terms = clause.terms;
        let mut agreed: Vec<_> = self
            .amendments
            .iter()
            .filter(|a| a.clause == clause.id && a.agreed <= at)
            .collect();
        agreed.sort_by_key(|a| a.agreed);
        for amendment in agreed {
            terms.from = amendment.terms.from.or(terms.from);
            terms.by = amendment.terms.by.or(terms.by);
            terms.until = amendment.terms.until.or(terms.until);
        }
        terms
    }

    /// When a clause ends because its term was denounced in time.
    #[must_use]
    pub fn term_ends(&self, clause: &Clause) -> Option<Observed> {
        let ends = self.clauses.iter().filter_map(|holder| {
            let term = holder.term.as_ref()?;
            if !term.governs.is_empty() && !term.governs.contains(&clause.id) {
                return None;
            }
            let given = self
                .denunciations
                .iter()
                .filter(|d| d.clause == holder.id)
                .map(|d| d.given);
            self.offset.midnight(term.ends(given)?)
        });
        ends.min()
    }

    /// Whether a clause binds at an instant, so that an event then can violate it. A withdrawal
    /// binds once its deadline has passed; the others from their start.
    #[must_use]
    pub fn binds(&self, clause: &Clause, at: Observed) -> bool {
        let terms = self.terms(clause, at);
        let from = match clause.kind {
            ClauseKind::Withdrawal => terms.by.or(terms.from),
            _ => terms.from,
        };
        let valid = Validity {
            from: Some(from.unwrap_or(self.from)),
            until: terms.until,
        };
        self.holds_at(at) && valid.holds_at(at) && self.term_ends(clause).is_none_or(|end| at < end)
    }

    /// The clause `id`.
    #[must_use]
    pub fn clause(&self, id: &ClauseId) -> Option<&Clause> {
        self.clauses.iter().find(|c| c.id == *id)
    }
}

/// Reads a header block, `agreement` or `memorandum`.
pub(super) fn header(f: &mut Fields<'_>, kind: AgreementKind, sha256: Sha256) -> Option<Agreement> {
    let place = f.place();
    let id = f.required_text("id").map(str::to_owned);
    let theatre = f.required::<TheatreId>("theatre");
    let title = f.required_text("title").map(str::to_owned);
    let version = f.whole("version", 1, 9_999).unwrap_or(1);
    let signed = f.required_date("signed");
    let offset = f.offset();
    let zone = offset.unwrap_or_default();
    let from = f.required_start("from", zone);
    let until = f.start("until", zone);
    let languages = f.texts("languages").unwrap_or_default();
    let parties = f.tables("parties", signatory);
    if parties.is_empty() {
        f.error(
            "parties",
            "no parties",
            "parties = [ { id = \"…\", name = \"…\" }, … ]",
        );
    }
    let guarantors = f.tables("guarantors", signatory);
    let supersedes = f.sha256("supersedes");
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        f.error(
            "until",
            format!("until {until}"),
            format!("a time after {from}"),
        );
    }
    Some(Agreement {
        place,
        sha256,
        kind,
        id: id?,
        theatre: theatre?,
        title: title?,
        version,
        signed: signed?,
        offset: offset?,
        from: from?,
        until,
        languages,
        parties,
        guarantors,
        supersedes,
        clauses: Vec::new(),
        amendments: Vec::new(),
        denunciations: Vec::new(),
    })
}

pub(super) fn signatory(f: &mut Fields<'_>) -> Option<Signatory> {
    let id = f.required::<PartyId>("id");
    let name = f.required_text("name").map(str::to_owned);
    Some(Signatory {
        id: id?,
        name: name?,
    })
}

pub(super) fn amendment(f: &mut Fields<'_>, offset: Offset) -> Option<Amendment> {
    let place = f.place();
    let id = f.required_text("id").map(str::to_owned);
    let clause = f.required::<ClauseId>("clause");
    let agreed = f.required_start("agreed", offset);
    let terms = clause::terms(f, offset);
    if terms == Terms::default() {
        f.error(
            "clause",
            "an amendment that changes nothing",
            "`from`, `by` or `until`",
        );
    }
    Some(Amendment {
        place,
        id: id?,
        clause: clause?,
        agreed: agreed?,
        terms,
    })
}

pub(super) fn denunciation(f: &mut Fields<'_>) -> Option<Denunciation> {
    let place = f.place();
    let party = f.required::<PartyId>("party");
    let clause = f.required::<ClauseId>("clause");
    let given = f.required_date("given");
    Some(Denunciation {
        place,
        party: party?,
        clause: clause?,
        given: given?,
    })
}
