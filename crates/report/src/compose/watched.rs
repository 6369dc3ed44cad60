//! What was kept to, what was watched, and how it went before.

use std::collections::BTreeMap;

use truceline_domain::Kept as KeptWord;

use super::{Telling, paragraph};
use crate::model::{Kept, Trend};
use truceline_page::{Block, Cell};

impl Telling<'_> {
    pub(super) fn compliance(&self) -> Vec<Block> {
        let words = &self.words;
        let head = [
            "col-clause",
            "col-party",
            "col-line",
            "col-km",
            "col-kept",
            "col-watched",
            "col-gap",
            "col-missed",
        ];
        vec![
            self.heading("h-compliance"),
            paragraph(words.word("compliance-note")),
            Block::Table {
                caption: words.word("compliance-caption"),
                head: head.map(|id| words.word(id)).to_vec(),
                widths: vec![16, 16, 16, 14, 18, 12, 12, 12],
                rows: self
                    .report
                    .compliance
                    .iter()
                    .map(|k| self.kept(k))
                    .collect(),
            },
        ]
    }

    pub(super) fn kept(&self, kept: &Kept) -> Vec<Cell> {
        let words = &self.words;
        let word = match kept.kept {
            KeptWord::Violated => "kept-violated",
            KeptWord::Undetermined => "kept-undetermined",
            KeptWord::Complied => "kept-complied",
            KeptWord::NotObserved => "kept-not-observed",
        };
        let mut how = vec![words.word(word)];
        how.extend(kept.findings.iter().map(|id| self.number_of(id.as_str())));
        let along = kept.along_km.map_or_else(String::new, |[a, b]| {
            format!("{}\u{2013}{}", words.number(a, 1), words.number(b, 1))
        });
        vec![
            Cell::plain(kept.clause.clone()),
            Cell::words(self.party(kept.party.as_str())),
            match &kept.line {
                Some(line) => Cell::plain(line.clone()),
                None => Cell::words(words.word("elsewhere")),
            },
            Cell::plain(along),
            Cell::words(how.join("\n")),
            Cell::plain(words.percent(kept.watched)),
            Cell::plain(words.number(kept.gap_min, 0)),
            Cell::plain(
                kept.p_missed
                    .map_or_else(String::new, |p| words.probability(p)),
            ),
        ]
    }

    /// A finding as the table of findings numbers it.
    pub(super) fn number_of(&self, id: &str) -> String {
        let at = self
            .report
            .findings
            .iter()
            .position(|f| f.id.as_str() == id);
        match at {
            Some(i) => {
                let number = self.words.count(i as u64 + 1);
                self.words.say("finding-number", &[("number", &number)])
            }
            None => id.to_owned(),
        }
    }

    pub(super) fn coverage(&self) -> Vec<Block> {
        let words = &self.words;
        let kinds = ["acoustic", "flash", "uav", "post"];
        let mut head = vec![
            words.word("col-line"),
            words.word("col-length"),
            words.word("col-watched"),
        ];
        head.extend(kinds.map(|k| words.word(&format!("watch-{k}"))));
        head.push(words.word("col-never"));
        let rows = self.report.coverage.iter().map(|c| {
            let mut cells = vec![
                Cell::plain(c.line.clone()),
                Cell::plain(words.number(c.km, 1)),
                Cell::plain(words.percent(c.watched)),
            ];
            cells.extend(kinds.map(|k| {
                let share = c.watched_by.get(k).copied().unwrap_or(0.0);
                Cell::plain(words.percent(share))
            }));
            cells.push(Cell::plain(words.number(c.never_km, 1)));
            cells
        });
        vec![
            self.heading("h-coverage"),
            paragraph(words.word("coverage-note")),
            Block::Table {
                caption: words.word("coverage-caption"),
                head,
                widths: vec![20, 12, 12, 12, 12, 12, 12, 14],
                rows: rows.collect(),
            },
        ]
    }

    pub(super) fn trends(&self) -> Vec<Block> {
        let words = &self.words;
        let classes = ["firing", "blast", "activity", "natural", "unknown"];
        let parties = &self.report.parties;
        let mut head = vec![
            words.word("col-day"),
            words.word("sum-findings"),
            words.word("standing-determined"),
            words.word("standing-dissented"),
        ];
        head.extend(
            parties
                .iter()
                .map(|p| words.say("sum-named", &[("party", &p.name)])),
        );
        head.extend(classes.map(|c| words.word(&format!("class-{c}"))));
        let row = |trend: &Trend| {
            let mut cells = vec![Cell::words(self.date(&trend.date))];
            match &trend.counts {
                Some(counts) => {
                    let count = |n: u64| Cell::plain(words.count(n));
                    let of = |map: &BTreeMap<String, u64>, key: &str| {
                        count(map.get(key).copied().unwrap_or(0))
                    };
                    cells.extend([counts.findings, counts.determined, counts.dissented].map(count));
                    cells.extend(parties.iter().map(|p| of(&counts.named, &p.id)));
                    cells.extend(classes.map(|c| of(&counts.events, c)));
                }
                None => {
                    let columns = 3 + parties.len() + classes.len();
                    cells.extend((0..columns).map(|_| Cell::plain("\u{2013}")));
                }
            }
            cells
        };
        let rows: Vec<_> = self.report.trends.iter().map(row).collect();
        let mut widths = vec![20];
        widths.resize(head.len(), 12);
        vec![
            self.heading("h-trends"),
            paragraph(words.word("trends-note")),
            Block::Table {
                caption: words.word("trends-caption"),
                head,
                widths,
                rows,
            },
        ]
    }
}
