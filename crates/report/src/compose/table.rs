//! The table of the mission's form.

use truceline_domain::{CountKind, Phenomenon};
use truceline_engine::kind_word;

use super::{Telling, paragraph, word};
use crate::model::{Observer, Row, Wind};
use truceline_page::{Block, Cell};

impl Telling<'_> {
    pub(super) fn table(&self) -> Vec<Block> {
        let words = &self.words;
        let head = [
            "col-position",
            "col-location",
            "col-means",
            "col-number",
            "col-observation",
            "col-description",
            "col-weapon",
            "col-time",
        ];
        let zone = words.zone();
        vec![
            self.heading("h-table"),
            paragraph(words.say("table-note", &[("zone", &zone)])),
            Block::Table {
                caption: words.word("table-caption"),
                head: head.map(|id| words.word(id)).to_vec(),
                widths: vec![18, 20, 14, 8, 16, 18, 16, 18],
                rows: self.report.rows.iter().map(|r| self.row(r)).collect(),
            },
        ]
    }

    pub(super) fn row(&self, row: &Row) -> Vec<Cell> {
        let words = &self.words;
        let nk = || words.word("nk");
        let observer = match &row.observer {
            Observer::Centre(finding) => format!(
                "{}\n{}",
                words.word("position-centre"),
                self.number_of(finding.as_str())
            ),
            Observer::Post { source, place, .. } => {
                let post = words.say("position-post", &[("post", source.as_str())]);
                match place {
                    Some(place) => format!("{post}\n{place}"),
                    None => post,
                }
            }
        };
        let means: Vec<_> = row
            .means
            .iter()
            .map(|m| words.word(&format!("means-{}", word(m))))
            .collect();
        let observation = match (row.observation, row.kind) {
            (Some(Phenomenon::Other), Some(kind)) => kind_word(kind, words.language),
            (Some(seen), _) => words.word(&format!("obs-{}", word(&seen))),
            (None, _) => nk(),
        };
        let mut description = vec![words.word(&format!("dir-{}", word(&row.direction)))];
        if let Some([from, to]) = row.flight {
            let wind = |w: Wind| words.word(&format!("wind-{}", w.number()));
            let arguments = [("from", wind(from)), ("to", wind(to))];
            let arguments = arguments.each_ref().map(|(k, v)| (*k, v.as_str()));
            description.push(words.say("flight", &arguments));
        }
        let weapon = match &row.weapon_text {
            Some(text) => text.clone(),
            None => words.word(&format!("weapon-{}", word(&row.weapon))),
        };
        let time = match row.until {
            Some(until) if words.day_of(until) == words.day_of(row.time) => {
                format!("{}\u{2013}{}", words.second(row.time), words.clock(until))
            }
            Some(until) => format!("{}\u{2013}{}", words.second(row.time), words.second(until)),
            None => words.second(row.time),
        };
        vec![
            Cell::words(observer),
            Cell::words(self.location(&row.location)),
            Cell::words(if means.is_empty() {
                nk()
            } else {
                means.join(&words.word("list-comma"))
            }),
            Cell::plain(self.number(row)),
            Cell::words(observation),
            Cell::words(description.join("\n")),
            Cell::words(weapon),
            Cell::words(time),
        ]
    }

    pub(super) fn number(&self, row: &Row) -> String {
        let words = &self.words;
        let Some(number) = row.number else {
            return match row.number_kind {
                CountKind::Uncounted => words.word("count-uncounted"),
                _ => words.word("nk"),
            };
        };
        let n = words.count(u64::from(number));
        match row.number_kind {
            CountKind::About => words.say("count-about", &[("n", &n)]),
            CountKind::AtLeast => words.say("count-at-least", &[("n", &n)]),
            CountKind::Total => words.say("count-total", &[("n", &n)]),
            CountKind::Exact | CountKind::Uncounted => n,
        }
    }
}
