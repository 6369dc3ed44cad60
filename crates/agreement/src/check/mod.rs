//! Documents held against each other and against the theatre: what cannot all be true.

mod agreements;
mod mandates;
mod procedures;

use std::collections::{BTreeMap, BTreeSet};

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
    /// When each area stands. Empty without a theatre.
    areas: BTreeMap<&'a str, Vec<Validity>>,
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
    let mut areas: BTreeMap<&str, Vec<Validity>> = BTreeMap::new();
    for area in documents.theatre.iter().flat_map(|t| &t.areas) {
        areas.entry(&area.id).or_default().push(area.valid);
    }
    let mut checker = Checker {
        documents,
        maps,
        areas,
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
        if self.documents.theatre.is_none() {
            // A map that could not be read tells of that itself.
            if !self.maps {
                let what = format!("area {id:?}, not looked up");
                let expected = "the theatre's GeoJSON beside the documents";
                self.note(place, key, what, expected);
            }
            return;
        }
        let Some(standing) = self.areas.get(id) else {
            let some: Vec<_> = self.areas.keys().copied().take(20).collect();
            let expected = format!("an area of the theatre: {}", some.join(", "));
            return self.error(place, key, format!("area {id:?}"), expected);
        };
        let Some(needed) = needed else { return };
        if let Some((from, until)) = first_gap(standing, needed) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use truceline_domain::Observed;

    #[test]
    fn a_gap_is_the_first_time_that_nothing_covers() {
        let day = |d: i64| Observed::from_unix_us(d * 86_400_000_000).unwrap();
        let span = |from: i64, until: i64| Validity {
            from: Some(day(from)),
            until: Some(day(until)),
        };
        let open = |from: i64| Validity {
            from: Some(day(from)),
            until: None,
        };
        let gap = |standing: &[Validity], needed| {
            first_gap(standing, needed).map(|(from, until)| {
                let day = |text: &str| text.chars().skip(8).take(2).collect::<String>();
                (day(&from), day(until.trim_start_matches(" until ")))
            })
        };
        let text = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(gap(&[open(1)], span(2, 9)), None);
        assert_eq!(gap(&[span(4, 9), span(1, 4)], span(2, 9)), None);
        assert_eq!(gap(&[span(1, 3), open(5)], span(2, 9)), text("04", "06"));
        assert_eq!(gap(&[open(5)], span(2, 9)), text("03", "06"));
        assert_eq!(gap(&[span(1, 5)], span(2, 9)), text("06", "10"));
        assert_eq!(first_gap(&[Validity::default()], open(1)), None);
        assert_eq!(first_gap(&[span(1, 5)], open(1)).unwrap().1, " on");
        assert_eq!(
            first_gap(&[span(1, 5)], Validity::default()).unwrap().0,
            "the beginning"
        );
    }
}
