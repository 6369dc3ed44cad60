//! Findings as they stand, and the words for who and where.

use truceline_domain::{PartyId, Verdict};
use truceline_engine::{kind_word, say};

use super::{Telling, degrees, paragraph};
use crate::model::{Clause, Decision, Finding, Location, Wind};
use truceline_page::{Block, Cell};

impl Telling<'_> {
    pub(super) fn findings(&self) -> Vec<Block> {
        let words = &self.words;
        if self.report.findings.is_empty() {
            return Vec::new();
        }
        let head = [
            "col-no",
            "col-what",
            "col-where",
            "col-who",
            "col-clause",
            "col-standing",
        ];
        let rows = self.report.findings.iter().enumerate();
        let mut blocks = vec![
            self.heading("h-findings"),
            Block::Table {
                caption: words.word("findings-caption"),
                head: head.map(|id| words.word(id)).to_vec(),
                widths: vec![12, 16, 22, 22, 16, 26],
                rows: rows.map(|(i, f)| self.finding(i, f)).collect(),
            },
        ];
        blocks.push(self.heading("h-why"));
        for (i, finding) in self.report.findings.iter().enumerate() {
            let name = |party: &PartyId| self.party(party.as_str());
            let sentences = say(&finding.statements, words.language, &name).join(" ");
            let number = words.count(i as u64 + 1);
            blocks.push(paragraph(words.say(
                "why",
                &[
                    ("number", &number),
                    ("id", finding.id.as_str()),
                    ("sentences", &sentences),
                ],
            )));
        }
        blocks
    }

    pub(super) fn finding(&self, i: usize, finding: &Finding) -> Vec<Cell> {
        let words = &self.words;
        let number = words.count(i as u64 + 1);
        let kind = kind_word(finding.kind, words.language);
        let parties = finding.p.parties().map(|(id, p)| (id.as_str(), p.get()));
        let none = ("none", finding.p.none().get());
        let chances: Vec<_> = parties
            .chain([none])
            .map(|(who, p)| {
                let who = self.party(who);
                words.say("pair", &[("label", &who), ("value", &words.probability(p))])
            })
            .collect();
        let [major, minor, _] = finding.ellipse_90;
        let where_ = format!(
            "{}\n{}\n{}",
            self.location(&finding.location),
            degrees(finding.fix.lat_deg, finding.fix.lon_deg),
            words.say(
                "ellipse",
                &[
                    ("major", &words.number(major, 0)),
                    ("minor", &words.number(minor, 0)),
                ],
            )
        );
        let clauses: Vec<_> = finding.clauses.iter().map(|c| self.clause(c)).collect();
        let mut standing = vec![words.word(&format!("standing-{}", finding.standing))];
        standing.extend(finding.decisions.iter().map(|d| self.decision(d)));
        vec![
            Cell::plain(format!("{number}\n{}", finding.id)),
            Cell::words(format!("{kind}\n{}", words.second(finding.time))),
            Cell::words(where_),
            Cell::words(format!(
                "{}\n{}",
                self.verdict(&finding.verdict),
                chances.join("\n")
            )),
            Cell::words(if clauses.is_empty() {
                words.word("clause-none")
            } else {
                clauses.join("\n")
            }),
            Cell::words(standing.join("\n")),
        ]
    }

    pub(super) fn clause(&self, clause: &Clause) -> String {
        let id = if clause.violated {
            "clause-violated"
        } else {
            "clause-open"
        };
        self.words.say(id, &[("clause", &clause.clause)])
    }

    pub(super) fn decision(&self, decision: &Decision) -> String {
        let entry = decision.entry.to_string();
        let state = self.state(&decision.state);
        let reason = decision.reason.clone().unwrap_or_default();
        let id = if decision.decision == "dissent" {
            "decision-dissent"
        } else {
            "decision-signed"
        };
        let arguments = [
            ("state", state.as_str()),
            ("person", decision.person.as_str()),
            ("entry", entry.as_str()),
            ("reason", reason.as_str()),
        ];
        self.words.say(id, &arguments)
    }

    pub(super) fn state(&self, id: &str) -> String {
        let known = self.report.sending_states.iter().find(|s| s.id == id);
        known.map_or_else(|| id.to_owned(), |s| s.name.clone())
    }

    pub(super) fn party(&self, id: &str) -> String {
        if id == "none" {
            return self.words.word("nobody");
        }
        let known = self.report.parties.iter().find(|p| p.id == id);
        known.map_or_else(|| id.to_owned(), |p| p.name.clone())
    }

    pub(super) fn verdict(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Party(party) => self.party(party.as_str()),
            Verdict::None => self.words.word("nobody"),
            Verdict::Undetermined => self.words.word("undetermined"),
        }
    }

    pub(super) fn location(&self, location: &Location) -> String {
        let words = &self.words;
        let wind = |w: Wind| words.word(&format!("wind-{}", w.number()));
        match location {
            Location::From {
                place,
                names,
                km,
                wind: w,
            } => {
                let place = names.get(words.language.code()).unwrap_or(place);
                let km = words.number(*km, 1);
                let arguments = [
                    ("km", km.as_str()),
                    ("wind", &wind(*w)),
                    ("place", place.as_str()),
                ];
                words.say("location-from", &arguments)
            }
            Location::Seen { km, wind: w } => {
                let range = km.map(|[a, b]| {
                    let (near, far) = (words.number(a, 1), words.number(b, 1));
                    let n = if near == far {
                        near
                    } else {
                        format!("{near}\u{2013}{far}")
                    };
                    words.say("km", &[("n", &n)])
                });
                let parts: Vec<_> = range.into_iter().chain(w.map(wind)).collect();
                parts.join(" ")
            }
            Location::At(fix) => degrees(fix.lat_deg, fix.lon_deg),
            Location::Unknown => words.word("nk"),
        }
    }
}
