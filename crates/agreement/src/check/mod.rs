//! Documents held against each other and against the theatre: what cannot all be true.

mod agreements;
mod mandates;
mod procedures;

use std::collections::BTreeSet;

use truceline_domain::PartyId;

use crate::document::{Documents, Place, Signatory};
use crate::when::Validity;
use crate::{Fault, File};

/// All faults of a set of files (Markdown documents, GeoJSON of a theatre), errors and notes, in
/// order of file and line. A lone GeoJSON file is read as a scenario, which need say less.
#[must_use]
pub fn check(files: &[File<'_>]) -> Vec<Fault> {
    Documents::read(files).1
}

/// What the checks of this module share.
struct Checker<'a> {
    documents: &'a Documents,
    /// Whether there were GeoJSON files at all.
    maps: bool,
    /// Files with errors of their own: what is missing from them is no fault of others.
    faulty: BTreeSet<String>,
    faults: &'a mut Vec<Fault>,
}

pub(crate) fn cross(documents: &Documents, maps: bool, faults: &mut Vec<Fault>) {
    let faulty = faults
        .iter()
        .filter(|f| f.is_error())
        .map(|f| f.file.clone())
        .collect();
    let mut checker = Checker {
        documents,
        maps,
        faulty,
        faults,
    };
    checker.theatres();
    checker.agreements();
    checker.procedures();
    checker.mandates();
}

impl Checker<'_> {
    fn error(
        &mut self,
        place: &Place,
        key: &str,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.faults.push(place.error(key, what, expected));
    }

    fn note(
        &mut self,
        place: &Place,
        key: &str,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.faults.push(place.note(key, what, expected));
    }

    /// All documents speak of one theatre.
    fn theatres(&mut self) {
        let agreements = self.documents.agreements.iter();
        let procedures = self.documents.procedures.iter();
        let named: Vec<_> = agreements
            .map(|a| (&a.theatre, &a.place))
            .chain(procedures.map(|p| (&p.theatre, &p.place)))
            .collect();
        let Some((first, place)) = named.first() else {
            return;
        };
        for (theatre, at) in &named {
            if theatre != first {
                let what = format!("theatre {:?}", theatre.as_str());
                let expected = format!(
                    "{:?}, as in {}:{}",
                    first.as_str(),
                    place.file,
                    place.line_of("theatre")
                );
                self.error(at, "theatre", what, expected);
            }
        }
    }

    /// An area that a document names stands in the theatre, for as long as the document needs it.
    fn area(&mut self, place: &Place, key: &str, id: &str, needed: Option<Validity>) {
        let Some(theatre) = &self.documents.theatre else {
            if !self.maps {
                let what = format!("area {id:?}, not looked up");
                self.note(
                    place,
                    key,
                    what,
                    "the theatre's GeoJSON beside the documents",
                );
            }
            return;
        };
        let standing: Vec<_> = theatre
            .areas
            .iter()
            .filter(|a| a.id == id)
            .map(|a| a.valid)
            .collect();
        if standing.is_empty() {
            let mut known: Vec<_> = theatre.areas.iter().map(|a| a.id.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            let expected = format!("an area of the theatre: {}", known.join(", "));
            return self.error(place, key, format!("area {id:?}"), expected);
        }
        let Some(needed) = needed else { return };
        if let Some((from, until)) = first_gap(&standing, needed) {
            let what = format!("area {id:?}, which is not drawn from {from}{until}");
            self.note(
                place,
                key,
                what,
                "an area drawn for as long as it is needed",
            );
        }
    }

    fn known<'b>(signatories: impl IntoIterator<Item = &'b Signatory>) -> BTreeSet<&'b PartyId> {
        signatories.into_iter().map(|s| &s.id).collect()
    }

    /// Each id of a list once.
    fn once<'b>(&mut self, place: &Place, key: &str, ids: impl Iterator<Item = &'b str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                self.error(place, key, format!("{id:?} twice in `{key}`"), "each once");
            }
        }
    }
}

/// The first span within `needed` that none of `standing` covers, as text: start, and end with its
/// word.
fn first_gap(standing: &[Validity], needed: Validity) -> Option<(String, String)> {
    let mut sorted = standing.to_vec();
    sorted.sort_by_key(|v| v.from);
    // `None` is the beginning of time for a start; an open end covers all that follows.
    let mut covered = needed.from;
    for valid in &sorted {
        if valid.from.is_some() && valid.from > covered {
            break;
        }
        match valid.until {
            None => return None,
            Some(until) => covered = covered.max(Some(until)),
        }
    }
    if needed.until.is_some() && needed.until <= covered {
        return None;
    }
    let next = sorted
        .iter()
        .filter_map(|v| v.from)
        .find(|from| Some(*from) > covered);
    let until = match (next, needed.until) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Some((
        covered.map_or("the beginning".to_owned(), |t| t.to_string()),
        until.map_or(" on".to_owned(), |t| format!(" until {t}")),
    ))
}

fn names<'a>(ids: impl IntoIterator<Item = &'a PartyId>) -> String {
    let all: Vec<_> = ids.into_iter().map(PartyId::as_str).collect();
    all.join(", ")
}
