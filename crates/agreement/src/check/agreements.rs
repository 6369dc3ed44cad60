//! Agreements and memoranda: clauses, deadlines, amendments, terms, versions.

use std::collections::BTreeMap;

use truceline_domain::{ClauseId, ClauseKind};

use super::{Checker, names};
use crate::document::{Agreement, AgreementKind, Clause};
use crate::expression::Words;
use crate::when::{Validity, shifted};

impl Checker<'_> {
    pub(super) fn agreements(&mut self) {
        let documents = self.documents;
        self.versions();
        for agreement in &documents.agreements {
            let place = &agreement.place;
            let ids = agreement.parties.iter().map(|p| p.id.as_str());
            self.once(place, "parties", ids);
            self.clause_ids(agreement);
            for clause in &agreement.clauses {
                self.clause(agreement, clause);
            }
            self.deadlines(agreement);
            self.amendments(agreement);
            self.terms(agreement);
        }
        self.parties_on_the_ground();
    }

    /// Of one text, versions differ, follow each other in time, and say what they supersede.
    fn versions(&mut self) {
        let documents = self.documents;
        let mut by_id: BTreeMap<_, Vec<&Agreement>> = BTreeMap::new();
        for agreement in &documents.agreements {
            by_id
                .entry((agreement.kind, &agreement.id))
                .or_default()
                .push(agreement);
        }
        for versions in by_id.values_mut() {
            versions.sort_by_key(|a| a.version);
            for pair in versions.windows(2) {
                let [old, new] = pair else { continue };
                let was = format!("{}:{}", old.place.file, old.place.line);
                if old.version == new.version {
                    let what = format!("a second version {} of {:?}", new.version, new.id);
                    let expected = format!("another version than that of {was}");
                    self.error(&new.place, "version", what, expected);
                } else if new.from <= old.from {
                    let what = format!("version {} from {}", new.version, new.from);
                    let expected = format!("after version {} ({was}), {}", old.version, old.from);
                    self.error(&new.place, "from", what, expected);
                }
                match new.supersedes {
                    Some(sha256) if sha256 != old.sha256 => {
                        let what = format!("supersedes {sha256}");
                        let expected = format!("{}, version {} ({was})", old.sha256, old.version);
                        self.error(&new.place, "supersedes", what, expected);
                    }
                    None if old.version != new.version => {
                        let what = format!("version {} without `supersedes`", new.version);
                        let expected = format!("supersedes = \"{}\"", old.sha256);
                        self.note(&new.place, "version", what, expected);
                    }
                    _ => {}
                }
            }
        }
    }

    /// A finding cites a clause by its id: one text has it, once.
    fn clause_ids(&mut self, agreement: &Agreement) {
        let documents = self.documents;
        let others = documents
            .agreements
            .iter()
            .filter(|a| (a.kind, &a.id) < (agreement.kind, &agreement.id));
        let mut seen: BTreeMap<&ClauseId, &Clause> = others
            .flat_map(|a| a.clauses.iter().map(|c| (&c.id, c)))
            .collect();
        for clause in &agreement.clauses {
            if let Some(first) = seen.insert(&clause.id, clause) {
                let what = format!("a second clause {:?}", clause.id.as_str());
                let expected = format!(
                    "another id than that of {}:{}",
                    first.place.file,
                    first.place.line_of("id")
                );
                self.error(&clause.place, "id", what, expected);
            }
        }
    }

    fn clause(&mut self, agreement: &Agreement, clause: &Clause) {
        let place = &clause.place;
        let known = Self::known(agreement.parties.iter().chain(&agreement.guarantors));
        for party in &clause.bound {
            if !known.contains(party) {
                let what = format!("party {:?}", party.as_str());
                let expected = format!("one of {}", names(known.iter().copied()));
                self.error(place, "bound", what, expected);
            }
        }
        if let Some(from) = clause.terms.from
            && from < agreement.from
        {
            let expected = format!("not before the text is in force, {}", agreement.from);
            self.error(place, "from", format!("from {from}"), expected);
        }
        let terms = agreement.terms(clause, crate::when::last());
        let needed = Validity {
            from: Some(terms.from.unwrap_or(agreement.from)),
            until: terms.until.or(agreement.until),
        };
        if let Some(area) = &clause.area {
            self.area(place, "area", area, Some(needed));
        }
        let expressions = [
            ("applies_if", &clause.applies_if),
            ("violated_if", &clause.violated_if),
        ];
        for (key, expression) in expressions {
            for mention in expression.iter().flat_map(|e| e.mentions()) {
                match mention.words {
                    Words::Area => self.area(place, key, &mention.word, Some(needed)),
                    Words::Party
                        if !mention.word.is_empty()
                            && !known.iter().any(|p| p.as_str() == mention.word) =>
                    {
                        let what = format!("party {:?}", mention.word);
                        let expected = format!("one of {}", names(known.iter().copied()));
                        self.error(place, key, what, expected);
                    }
                    _ => {}
                }
            }
        }
    }

    /// One area is not to be left by the same party by two dates.
    fn deadlines(&mut self, agreement: &Agreement) {
        let withdrawals: Vec<_> = agreement
            .clauses
            .iter()
            .filter(|c| c.kind == ClauseKind::Withdrawal)
            .collect();
        for (i, second) in withdrawals.iter().enumerate() {
            for first in withdrawals.iter().take(i) {
                let both = first.bound.iter().any(|p| second.bound.contains(p));
                if both && first.area == second.area {
                    let what = format!(
                        "a second deadline for area {:?}",
                        second.area.as_deref().unwrap_or("")
                    );
                    let expected = format!(
                        "one deadline, and amendments to it ({}:{} has one)",
                        first.place.file,
                        first.place.line_of("by")
                    );
                    self.error(&second.place, "by", what, expected);
                }
            }
        }
    }

    fn amendments(&mut self, agreement: &Agreement) {
        let mut sorted: Vec<_> = agreement.amendments.iter().collect();
        sorted.sort_by_key(|a| (&a.clause, a.agreed));
        for pair in sorted.windows(2) {
            if let [first, second] = pair
                && first.clause == second.clause
                && first.agreed == second.agreed
            {
                let what = format!("a second amendment of {} agreed then", second.clause);
                let expected = format!(
                    "another time than {}:{}",
                    first.place.file, first.place.line
                );
                self.error(&second.place, "agreed", what, expected);
            }
        }
        let ids = agreement.amendments.iter().map(|a| a.id.as_str());
        self.once(&agreement.place, "amendment", ids);
        for amendment in sorted {
            let place = &amendment.place;
            let Some(clause) = agreement.clause(&amendment.clause) else {
                self.unknown_clause(agreement, place, "clause", &amendment.clause);
                continue;
            };
            let before = agreement.terms(clause, amendment.agreed.plus_seconds(-1e-6));
            let after = agreement.terms(clause, amendment.agreed);
            let missed = |end: Option<_>| end.is_some_and(|end| end <= amendment.agreed);
            if amendment.terms.by.is_some() && missed(before.by) {
                let what = format!("agreed {}, after the deadline", amendment.agreed);
                self.note(
                    place,
                    "agreed",
                    what,
                    "an amendment before the deadline it moves",
                );
            }
            if let (Some(from), Some(by)) = (after.from, after.by)
                && by <= from
            {
                let expected = format!("a deadline after {from}");
                self.error(place, "by", format!("by {by}"), expected);
            }
            if let (Some(from), Some(until)) = (after.from, after.until)
                && until <= from
            {
                let expected = format!("an end after {from}");
                self.error(place, "until", format!("until {until}"), expected);
            }
        }
    }

    fn unknown_clause(
        &mut self,
        agreement: &Agreement,
        place: &crate::document::Place,
        key: &str,
        id: &ClauseId,
    ) {
        // A clause that could not be read is told of where it stands.
        if !self.faulty.contains(&agreement.place.file) {
            let all: Vec<_> = agreement.clauses.iter().map(|c| c.id.as_str()).collect();
            let expected = format!("one of {}", all.join(", "));
            self.error(place, key, format!("clause {:?}", id.as_str()), expected);
        }
    }

    fn terms(&mut self, agreement: &Agreement) {
        let mut governed: BTreeMap<&ClauseId, &ClauseId> = BTreeMap::new();
        for clause in &agreement.clauses {
            let Some(term) = &clause.term else { continue };
            for id in &term.governs {
                if agreement.clause(id).is_none() {
                    self.unknown_clause(agreement, &clause.place, "term", id);
                }
                if let Some(other) = governed.insert(id, &clause.id) {
                    let what = format!("a second term for {id}");
                    self.error(&clause.place, "term", what, format!("only that of {other}"));
                }
            }
        }
        let known = Self::known(&agreement.parties);
        for denunciation in &agreement.denunciations {
            let place = &denunciation.place;
            if !known.contains(&denunciation.party) {
                let what = format!("party {:?}", denunciation.party.as_str());
                let expected = format!("one of {}", names(known.iter().copied()));
                self.error(place, "party", what, expected);
            }
            let Some(clause) = agreement.clause(&denunciation.clause) else {
                self.unknown_clause(agreement, place, "clause", &denunciation.clause);
                continue;
            };
            let Some(term) = &clause.term else {
                let what = format!("clause {} has no term", clause.id);
                self.error(place, "clause", what, "a clause with `term`");
                continue;
            };
            let first_end = shifted(term.starts, i32::try_from(term.years).unwrap_or(0), 0);
            let ends = term.ends(std::iter::once(denunciation.given));
            if let (Some(first), Some(end)) = (first_end, ends)
                && first != end
            {
                let what = format!("given {}, which counts for {end}", denunciation.given);
                let expected = format!("{} months before {first}", term.notice_months);
                self.note(place, "given", what, expected);
            }
        }
    }

    /// Those who hold ground are parties of an agreement: an event of theirs must find its clause.
    fn parties_on_the_ground(&mut self) {
        let documents = self.documents;
        let Some(theatre) = &documents.theatre else {
            return;
        };
        let agreements: Vec<_> = documents
            .agreements
            .iter()
            .filter(|a| a.kind == AgreementKind::Agreement)
            .collect();
        let Some(first) = agreements.first() else {
            return;
        };
        let known = Self::known(agreements.iter().flat_map(|a| &a.parties));
        for party in theatre.parties() {
            if !known.contains(&party) {
                let what = format!("{} holds ground and is no party", party.as_str());
                let expected = format!("only {} on the map", names(known.iter().copied()));
                self.error(&first.place, "parties", what, expected);
            }
        }
    }
}
