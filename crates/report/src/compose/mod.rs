//! A report told in one language.

mod findings;
mod table;
mod watched;

use std::collections::BTreeMap;

use jiff::civil::Date;
use truceline_domain::{PartyId, Sha256, Verdict};
use truceline_engine::{Language, kind_word};

use crate::map;
use crate::model::DailyReport;
use crate::say::Words;
use truceline_page::{Block, Cell, Page};

/// By whose keys a report was released. It stands on its pages and not in its bytes, which have the same
/// hash before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// SHA-256 of the report's canonical bytes: what was signed.
    pub sha256: Sha256,
    /// State and person of each officer who signed.
    pub by: Vec<(String, String)>,
    /// Who refuses it.
    pub refused: Vec<Refused>,
    /// Whether both sending states have signed.
    pub whole: bool,
    /// Another version of the same date that both have released, and that stands.
    pub other_stands: Option<Sha256>,
}

impl Released {
    /// A report that nobody signed.
    #[must_use]
    pub fn nobody(sha256: Sha256) -> Self {
        Self {
            sha256,
            by: Vec::new(),
            refused: Vec::new(),
            whole: false,
            other_stands: None,
        }
    }
}

/// An officer who refuses a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The officer's state.
    pub state: String,
    /// The person.
    pub person: String,
    /// Why.
    pub reason: String,
}

/// The report in a language, with by whose keys it is released.
#[must_use]
pub fn compose(report: &DailyReport, language: Language, released: &Released) -> Page {
    let words = Words {
        language,
        utc_offset_s: report.utc_offset_s,
    };
    Telling { report, words }.page(released)
}

struct Telling<'a> {
    report: &'a DailyReport,
    words: Words,
}

impl Telling<'_> {
    fn page(&self, released: &Released) -> Page {
        let (report, words) = (self.report, &self.words);
        let date = self.date(&report.date);
        let title = words.say(
            "title",
            &[("date", &date), ("theatre", report.theatre.as_str())],
        );
        let mut blocks = self.head(released);
        blocks.extend(self.summary());
        blocks.extend(self.findings());
        blocks.extend(self.compliance());
        blocks.extend(self.coverage());
        blocks.extend(self.trends());
        if let Some(drawing) = map::map(report, words) {
            blocks.push(self.heading("h-map"));
            blocks.push(Block::Drawing {
                drawing,
                caption: words.word("map-caption"),
            });
        }
        blocks.extend(self.table());
        blocks.extend(self.annex(released));
        Page {
            lang: words.language.code(),
            right_to_left: words.language.is_right_to_left(),
            foot: title.clone(),
            title,
            page_word: words.word("page"),
            wide: false,
            blocks,
        }
    }

    fn heading(&self, id: &str) -> Block {
        Block::Heading {
            text: self.words.word(id),
        }
    }

    fn date(&self, iso: &str) -> String {
        iso.parse::<Date>()
            .map_or_else(|_| iso.to_owned(), |date| self.words.date(date))
    }

    fn pair(&self, label: &str, value: &str) -> String {
        let label = self.words.word(label);
        self.words
            .say("pair", &[("label", &label), ("value", value)])
    }

    fn head(&self, released: &Released) -> Vec<Block> {
        let (report, words) = (self.report, &self.words);
        let names = |all: &[crate::model::Name]| {
            let names: Vec<_> = all.iter().map(|n| n.name.as_str()).collect();
            names.join(&words.word("list-comma"))
        };
        let version = report.procedures.version.unwrap_or(1).to_string();
        let mut blocks = vec![
            paragraph(words.say(
                "period",
                &[
                    ("from", &words.minute(report.from)),
                    ("until", &words.minute(report.until)),
                    ("zone", &words.zone()),
                ],
            )),
            paragraph(words.say(
                "issued",
                &[
                    ("states", &names(&report.sending_states)),
                    ("title", &report.procedures.title),
                    ("version", &version),
                    ("host", &report.host.name),
                ],
            )),
        ];
        if !report.recipients.is_empty() {
            blocks.push(paragraph(
                self.pair("recipients", &names(&report.recipients)),
            ));
        }
        blocks.extend(self.released(released));
        blocks
    }

    /// By whose keys it is released, who refuses it, and which other version stands.
    fn released(&self, released: &Released) -> Vec<Block> {
        let words = &self.words;
        let by: Vec<_> = released
            .by
            .iter()
            .map(|(state, person)| format!("{} ({person})", self.state(state)))
            .collect();
        let by = by.join(&words.word("list-comma"));
        let mut lines = vec![match (released.whole, released.by.is_empty()) {
            (true, _) => words.say("released", &[("by", &by)]),
            (false, false) => words.say("half-released", &[("by", &by)]),
            (false, true) => words.word("draft"),
        }];
        lines.extend(released.refused.iter().map(|refused| {
            let state = self.state(&refused.state);
            let arguments = [
                ("state", state.as_str()),
                ("person", refused.person.as_str()),
                ("reason", refused.reason.as_str()),
            ];
            words.say("refused", &arguments)
        }));
        if let Some(other) = &released.other_stands {
            let id = if released.whole {
                "superseded"
            } else {
                "superseding"
            };
            lines.push(words.say(id, &[("sha256", &other.to_string())]));
        }
        let strong = |text| Block::Paragraph { text, strong: true };
        lines.into_iter().map(strong).collect()
    }

    fn summary(&self) -> Vec<Block> {
        let (report, words) = (self.report, &self.words);
        let standing = |word: &str| {
            let of = report.findings.iter().filter(|f| f.standing == word);
            words.count(of.count() as u64)
        };
        let mut lines = vec![
            self.pair("sum-findings", &words.count(report.findings.len() as u64)),
            self.pair("standing-determined", &standing("determined")),
            self.pair("standing-half-signed", &standing("half-signed")),
            self.pair("standing-dissented", &standing("dissented")),
            self.pair("standing-open", &standing("open")),
        ];
        let mut named: BTreeMap<&PartyId, u64> = BTreeMap::new();
        let determined = report
            .findings
            .iter()
            .filter(|f| f.standing == "determined");
        for finding in determined {
            if let Verdict::Party(party) = &finding.verdict {
                *named.entry(party).or_default() += 1;
            }
        }
        for (party, count) in named {
            let party = self.party(party.as_str());
            let label = words.say("sum-named", &[("party", &party)]);
            let count = words.count(count);
            lines.push(words.say("pair", &[("label", &label), ("value", &count)]));
        }
        if report.findings.is_empty() {
            lines.push(words.word("sum-nothing"));
        }
        let all: f64 = report.coverage.iter().map(|c| c.km).sum();
        let never: f64 = report.coverage.iter().map(|c| c.never_km).sum();
        lines.push(words.say(
            "sum-unwatched",
            &[
                ("never", &words.number(never, 1)),
                ("all", &words.number(all, 1)),
            ],
        ));
        for (kind, count) in &report.other_events {
            let kind = self.kind_named(kind);
            let label = words.say("sum-other", &[("kind", &kind)]);
            let count = words.count(*count);
            lines.push(words.say("pair", &[("label", &label), ("value", &count)]));
        }
        if report.outside > 0 {
            lines.push(self.pair("sum-outside", &words.count(report.outside)));
        }
        vec![self.heading("h-summary"), Block::List { lines }]
    }

    fn kind_named(&self, kind: &str) -> String {
        let known = truceline_domain::EventKind::ALL
            .into_iter()
            .find(|k| k.as_str() == kind);
        known.map_or_else(|| kind.to_owned(), |k| kind_word(k, self.words.language))
    }

    fn annex(&self, released: &Released) -> Vec<Block> {
        let (report, words) = (self.report, &self.words);
        let entries = report.entries.to_string();
        let basis = words.say(
            "annex-basis",
            &[
                ("origin", &report.origin),
                ("entries", &entries),
                ("root", &report.root.to_string()),
            ],
        );
        let mut blocks = vec![self.heading("h-annex"), paragraph(basis)];
        let sha256 = released.sha256.to_string();
        blocks.push(paragraph(words.say("annex-report", &[("sha256", &sha256)])));
        blocks.push(paragraph(words.word("annex-released")));
        let documents = [&report.procedures]
            .into_iter()
            .chain(&report.agreements)
            .chain(&report.map_files)
            .map(|d| (d.title.clone(), d.sha256.to_string()));
        let findings = report.findings.iter().enumerate().map(|(i, f)| {
            let number = words.count(i as u64 + 1);
            let label = words.say("finding-number", &[("number", &number)]);
            (format!("{label} {}", f.id), f.sha256.to_string())
        });
        let rows = documents
            .chain(findings)
            .map(|(what, sha256)| vec![Cell::words(what), Cell::plain(sha256)]);
        blocks.push(Block::Table {
            caption: words.word("annex-caption"),
            head: vec![words.word("col-document"), words.word("col-hash")],
            widths: vec![35, 65],
            rows: rows.collect(),
        });
        blocks
    }
}

fn paragraph(text: String) -> Block {
    Block::Paragraph {
        text,
        strong: false,
    }
}

/// The word of a value in JSON, which names its message too.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Degrees with the hemispheres' letters; a tenth of a second is 3 m.
fn degrees(lat: f64, lon: f64) -> String {
    let (ns, ew) = (
        if lat < 0.0 { 'S' } else { 'N' },
        if lon < 0.0 { 'W' } else { 'E' },
    );
    // Isolated from left to right: among Arabic words the letters would change places.
    format!(
        "\u{2066}{:.4}° {ns} {:.4}° {ew}\u{2069}",
        lat.abs(),
        lon.abs()
    )
}
