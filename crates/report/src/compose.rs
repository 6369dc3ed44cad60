//! A report told in one language.

use std::collections::BTreeMap;

use jiff::civil::Date;
use truceline_domain::{CountKind, Kept as KeptWord, PartyId, Phenomenon, Sha256, Verdict};
use truceline_engine::{Language, kind_word, say};

use crate::map;
use crate::model::{
    Clause, DailyReport, Decision, Finding, Kept, Location, Observer, Row, Trend, Wind,
};
use crate::page::{Block, Cell, Page};
use crate::say::Words;

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

/// The report in a language.
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
        if let Some(svg) = map::svg(report, words) {
            blocks.push(self.heading("h-map"));
            blocks.push(Block::Drawing {
                svg,
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

    fn findings(&self) -> Vec<Block> {
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

    fn finding(&self, i: usize, finding: &Finding) -> Vec<Cell> {
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

    fn clause(&self, clause: &Clause) -> String {
        let id = if clause.violated {
            "clause-violated"
        } else {
            "clause-open"
        };
        self.words.say(id, &[("clause", &clause.clause)])
    }

    fn decision(&self, decision: &Decision) -> String {
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

    fn state(&self, id: &str) -> String {
        let known = self.report.sending_states.iter().find(|s| s.id == id);
        known.map_or_else(|| id.to_owned(), |s| s.name.clone())
    }

    fn party(&self, id: &str) -> String {
        if id == "none" {
            return self.words.word("nobody");
        }
        let known = self.report.parties.iter().find(|p| p.id == id);
        known.map_or_else(|| id.to_owned(), |p| p.name.clone())
    }

    fn verdict(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Party(party) => self.party(party.as_str()),
            Verdict::None => self.words.word("nobody"),
            Verdict::Undetermined => self.words.word("undetermined"),
        }
    }

    fn location(&self, location: &Location) -> String {
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

    fn compliance(&self) -> Vec<Block> {
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

    fn kept(&self, kept: &Kept) -> Vec<Cell> {
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
    fn number_of(&self, id: &str) -> String {
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

    fn coverage(&self) -> Vec<Block> {
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

    fn trends(&self) -> Vec<Block> {
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

    fn table(&self) -> Vec<Block> {
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

    fn row(&self, row: &Row) -> Vec<Cell> {
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

    fn number(&self, row: &Row) -> String {
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
    format!("{:.4}° {ns} {:.4}° {ew}", lat.abs(), lon.abs())
}
