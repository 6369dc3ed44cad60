//! The talks as negotiators print them: a row a point, each side's words beside the other's, in a language
//! of the theatre. One HTML page without script, whole in itself.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use truceline_domain::PartyId;

use super::redline::{Change, Difference, Piece};
use super::{Point, Status, Talks};

/// The words of the page in one language.
#[derive(Debug, Clone, Copy)]
struct Words {
    language: &'static str,
    title: &'static str,
    clause: &'static str,
    now: &'static str,
    status: &'static str,
    comments: &'static str,
    no_clause: &'static str,
    /// Open, agreed ad referendum, agreed, referred to the host.
    statuses: [&'static str; 4],
    initialled: &'static str,
}

const LANGUAGES: [Words; 6] = [
    Words {
        language: "en",
        title: "Working procedures: positions of the two sides",
        clause: "Clause",
        now: "Text now",
        status: "Status",
        comments: "Comments",
        no_clause: "(no such clause)",
        statuses: [
            "open",
            "agreed ad referendum",
            "agreed",
            "referred to the host",
        ],
        initialled: "initialled",
    },
    Words {
        language: "az",
        title: "İş prosedurları: tərəflərin mövqeləri",
        clause: "Bənd",
        now: "Hazırkı mətn",
        status: "Vəziyyət",
        comments: "Qeydlər",
        no_clause: "(belə bənd yoxdur)",
        statuses: [
            "açıq",
            "ad referendum razılaşdırılıb",
            "razılaşdırılıb",
            "ev sahibinə göndərilib",
        ],
        initialled: "paraflanıb",
    },
    Words {
        language: "hy",
        title: "Աշխատանքային ընթացակարգեր. կողմերի դիրքորոշումները",
        clause: "Կետ",
        now: "Ներկա տեքստը",
        status: "Վիճակ",
        comments: "Նշումներ",
        no_clause: "(այդպիսի կետ չկա)",
        statuses: [
            "բաց",
            "համաձայնեցված ad referendum",
            "համաձայնեցված",
            "փոխանցված հյուրընկալողին",
        ],
        initialled: "նախաստորագրված",
    },
    Words {
        language: "ru",
        title: "Рабочие процедуры: позиции сторон",
        clause: "Пункт",
        now: "Действующий текст",
        status: "Состояние",
        comments: "Замечания",
        no_clause: "(такого пункта нет)",
        statuses: [
            "открыт",
            "согласован ad referendum",
            "согласован",
            "передан принимающей стороне",
        ],
        initialled: "парафирован",
    },
    Words {
        language: "tr",
        title: "Çalışma usulleri: tarafların tutumları",
        clause: "Madde",
        now: "Şimdiki metin",
        status: "Durum",
        comments: "Notlar",
        no_clause: "(böyle bir madde yok)",
        statuses: [
            "açık",
            "ad referendum mutabık",
            "mutabık",
            "ev sahibine havale edildi",
        ],
        initialled: "paraflandı",
    },
    Words {
        language: "ar",
        title: "إجراءات العمل: مواقف الطرفين",
        clause: "البند",
        now: "النص الحالي",
        status: "الحالة",
        comments: "ملاحظات",
        no_clause: "(لا يوجد هذا البند)",
        statuses: [
            "مفتوح",
            "متفق عليه رهن الموافقة",
            "متفق عليه",
            "محال إلى الدولة المضيفة",
        ],
        initialled: "وُقّع بالأحرف الأولى",
    },
];

/// The languages of the page, BCP 47.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|words| words.language)
}

const STYLE: &str = "@page{size:A4 landscape;margin:15mm}body{font:11pt serif;margin:1em}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid #555;padding:.3em .5em;vertical-align:top;text-align:start}\
th{background:#eee}pre{white-space:pre-wrap;font:inherit;margin:0}ins{background:#d9f2d9}del{background:#f6d6d6}tr{break-inside:avoid}";

/// The page in a language; `base` gives the words that a clause has now, `states` the two, in order.
/// `None` for a language that it is not in.
#[must_use]
pub fn page(
    talks: &Talks,
    states: &[PartyId],
    base: &dyn Fn(&str) -> Option<String>,
    language: &str,
) -> Option<String> {
    let words = LANGUAGES.iter().find(|w| w.language == language)?;
    let direction = if language == "ar" { "rtl" } else { "ltr" };
    let page = html! {
        (DOCTYPE)
        html lang=(words.language) dir=(direction) {
            head {
                meta charset="utf-8";
                title { (words.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (words.title) }
                table {
                    thead { tr {
                        th { (words.clause) }
                        th { (words.now) }
                        @for state in states { th { (state) } }
                        th { (words.status) }
                        th { (words.comments) }
                    } }
                    tbody {
                        @for point in &talks.points { (row(point, states, base, words)) }
                    }
                }
            }
        }
    };
    Some(page.into_string())
}

/// The same as plain rows, for whoever prints them otherwise: each side's words whole, what changes in them
/// not marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// The language, BCP 47.
    pub language: &'static str,
    /// The title.
    pub title: &'static str,
    /// The columns.
    pub head: Vec<String>,
    /// A row a point.
    pub rows: Vec<Vec<String>>,
}

/// The table as plain rows, with the arguments of [`page`].
#[must_use]
pub fn plain(
    talks: &Talks,
    states: &[PartyId],
    base: &dyn Fn(&str) -> Option<String>,
    language: &str,
) -> Option<Plain> {
    let words = LANGUAGES.iter().find(|w| w.language == language)?;
    let of_states = states.iter().map(ToString::to_string);
    let head = [words.clause, words.now].map(str::to_owned).into_iter();
    let last = [words.status, words.comments].map(str::to_owned);
    let row = |point: &Point| {
        let said = |text: Option<&str>| text.unwrap_or(words.no_clause).trim().to_owned();
        let mut row = vec![
            format!("{}\n{}", point.clause, point.about),
            said(base(&point.clause).as_deref()),
        ];
        row.extend(states.iter().map(|state| {
            let Some(position) = point.positions.get(state) else {
                return String::new();
            };
            let mut lines = vec![said(position.words.as_deref())];
            lines.extend(position.note.clone());
            lines.extend(position.initialled.map(|_| words.initialled.to_owned()));
            lines.join("\n")
        }));
        row.push(words.status_of(point).to_owned());
        let comments = point.comments.iter();
        let comments = comments.map(|c| format!("{}: {}", c.state, c.text));
        row.push(comments.collect::<Vec<_>>().join("\n"));
        row
    };
    Some(Plain {
        language: words.language,
        title: words.title,
        head: head.chain(of_states).chain(last).collect(),
        rows: talks.points.iter().map(row).collect(),
    })
}

impl Words {
    fn status_of(&self, point: &Point) -> &'static str {
        let status = match point.status() {
            Status::Open => 0,
            Status::AdReferendum => 1,
            Status::Agreed => 2,
            Status::Referred => 3,
        };
        self.statuses.get(status).copied().unwrap_or_default()
    }
}

fn row(
    point: &Point,
    states: &[PartyId],
    base: &dyn Fn(&str) -> Option<String>,
    words: &Words,
) -> Markup {
    let now = base(&point.clause);
    html! {
        tr {
            th scope="row" { (point.clause) br; (point.about) }
            td { (said(now.as_deref(), words)) }
            @for state in states {
                td {
                    @if let Some(position) = point.positions.get(state) {
                        (against(now.as_deref(), position.words.as_deref(), words))
                        @if let Some(note) = &position.note { p { em { (note) } } }
                        @if position.initialled.is_some() { p { strong { (words.initialled) } } }
                    }
                }
            }
            td { (words.status_of(point)) }
            td { @for comment in &point.comments { p { strong { (comment.state) } ": " (comment.text) } } }
        }
    }
}

fn said(text: Option<&str>, words: &Words) -> Markup {
    html! {
        @match text {
            Some(text) => pre { (text) },
            None => em { (words.no_clause) },
        }
    }
}

/// A side's words, what they add and take out marked.
fn against(now: Option<&str>, wanted: Option<&str>, words: &Words) -> Markup {
    match (now, wanted) {
        (Some(now), Some(wanted)) => marked(&super::redline::words(now, wanted)),
        (Some(now), None) => html! { pre { del { (now) } } },
        (None, Some(wanted)) => html! { pre { ins { (wanted) } } },
        (None, None) => said(None, words),
    }
}

fn marked(pieces: &[Piece]) -> Markup {
    html! {
        pre {
            @for piece in pieces {
                @match piece.change {
                    Some(Change::Added) => ins { (piece.text) },
                    Some(Change::Removed) => del { (piece.text) },
                    _ => (piece.text),
                }
            }
        }
    }
}

/// A redline as lines of text, as terminals show it: `+`, `-` and `~` before each clause.
#[must_use]
pub fn lines(differences: &[Difference]) -> String {
    let mut text = String::new();
    for difference in differences {
        let sign = match difference.change {
            Change::Added => '+',
            Change::Removed => '-',
            Change::Changed => '~',
        };
        text.push_str(&format!("{sign} {}\n", difference.clause));
        let side = |text: &mut String, sign: char, words: &Option<String>| {
            for line in words.iter().flat_map(|words| words.lines()) {
                text.push_str(&format!("    {sign} {line}\n"));
            }
        };
        side(&mut text, '-', &difference.before);
        side(&mut text, '+', &difference.after);
    }
    text
}
