//! The observation form of a ground mission, made of the very words that the intake of reports reads:
//! an ODK XForm, and the same as an XLSForm's sheets for those who edit forms.
//!
//! ODK XForms specification (<https://getodk.github.io/xforms-spec/>); XLSForm
//! (<https://xlsform.org>), in the form that pyxform reads as CSV.

use std::fmt::Write as _;

use truceline_domain::{Direction, Means, Phenomenon, Sha256, Weapon};
use truceline_engine::Language;

use crate::compose::word;
use crate::say::Words;
use truceline_page::escaped;

/// The form's id, as submissions name it.
pub const FORM_ID: &str = "truceline_observation";

/// What a form is made for.
#[derive(Debug, Clone)]
pub struct Form {
    /// Languages; the first is the one that a device begins with.
    languages: Vec<Language>,
    /// Posts and patrols whose people may fill it, by id.
    observers: Vec<String>,
}

/// A question.
struct Question {
    name: &'static str,
    /// The message of its label.
    label: &'static str,
    /// What kind of answer.
    answer: Answer,
    required: bool,
}

enum Answer {
    /// One of these: value and the message of its label.
    OneOf(Vec<(String, String)>),
    Point,
    DateTime,
    Whole,
    Text,
    /// A file of this kind, e.g. `image`.
    File(&'static str),
}

impl Form {
    /// A form in these languages (English when there are none) for these posts.
    #[must_use]
    pub fn new(languages: &[Language], observers: &[String]) -> Self {
        let languages = match languages {
            [] => vec![Language::En],
            some => some.to_vec(),
        };
        let mut observers = observers.to_vec();
        observers.sort();
        observers.dedup();
        Self {
            languages,
            observers,
        }
    }

    fn questions(&self) -> Vec<Question> {
        let question = |name, label, answer, required| Question {
            name,
            label,
            answer,
            required,
        };
        let observers = self.observers.iter().map(|id| (id.clone(), id.clone()));
        let observer = match self.observers.as_slice() {
            [] => Answer::Text,
            _ => Answer::OneOf(observers.collect()),
        };
        vec![
            question("observer", "form-observer", observer, true),
            question("position", "col-position", Answer::Point, false),
            question("observed", "col-time", Answer::DateTime, true),
            question("means", "col-means", choices("means", &MEANS), true),
            question(
                "phenomenon",
                "col-observation",
                choices("obs", &PHENOMENA),
                true,
            ),
            question("count", "col-number", Answer::Whole, false),
            question("weapon", "col-weapon", choices("weapon", &WEAPONS), true),
            question(
                "direction",
                "col-description",
                choices("dir", &DIRECTIONS),
                true,
            ),
            question("bearing", "form-bearing", Answer::Whole, false),
            question("distance_m", "form-distance", Answer::Whole, false),
            question("text", "form-text", Answer::Text, false),
            question("photo", "form-photo", Answer::File("image"), false),
            question("audio", "form-sound", Answer::File("audio"), false),
        ]
    }

    /// The form as an ODK XForm.
    #[must_use]
    pub fn xform(&self) -> String {
        let questions = self.questions();
        let fields: String = questions.iter().map(|q| format!("<{}/>", q.name)).collect();
        let binds: String = questions.iter().map(bind).collect();
        let texts: String = self
            .languages
            .iter()
            .enumerate()
            .map(|(i, language)| self.translation(*language, i == 0, &questions))
            .collect();
        let controls: String = questions.iter().map(control).collect();
        let title = self.title();
        let version = self.version();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\" \
             xmlns:jr=\"http://openrosa.org/javarosa\" xmlns:orx=\"http://openrosa.org/xforms\" \
             xmlns:odk=\"http://www.opendatakit.org/xforms\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\n\
             <h:head>\n<h:title>{title}</h:title>\n<model odk:xforms-version=\"1.0.0\">\n<itext>\n{texts}</itext>\n\
             <instance><data id=\"{FORM_ID}\" version=\"{version}\"><start/><end/>{fields}\
             <meta><instanceID/></meta></data></instance>\n\
             <bind nodeset=\"/data/start\" type=\"dateTime\" jr:preload=\"timestamp\" jr:preloadParams=\"start\"/>\n\
             <bind nodeset=\"/data/end\" type=\"dateTime\" jr:preload=\"timestamp\" jr:preloadParams=\"end\"/>\n\
             {binds}<bind nodeset=\"/data/meta/instanceID\" type=\"string\" readonly=\"true()\" jr:preload=\"uid\"/>\n\
             </model>\n</h:head>\n<h:body>\n{controls}</h:body>\n</h:html>\n"
        )
    }

    /// The form's title, in its first language.
    #[must_use]
    pub fn title(&self) -> String {
        escaped(&self.text(self.languages.first().copied(), "form-title"))
    }

    /// What the form asks, in twelve digits: devices that have another form are told apart by it.
    #[must_use]
    pub fn version(&self) -> String {
        let questions = self.questions();
        let asked: String = questions
            .iter()
            .map(|q| format!("{}{}", bind(q), control(q)))
            .collect();
        let texts: String = self
            .languages
            .iter()
            .map(|language| self.translation(*language, false, &questions))
            .collect();
        Sha256::of(format!("{asked}{texts}").as_bytes()).short(12)
    }

    /// The form as an XLSForm's sheets, one under the other, as pyxform reads them from CSV.
    #[must_use]
    pub fn xlsform(&self) -> String {
        let questions = self.questions();
        let labels: Vec<String> = self
            .languages
            .iter()
            .map(|l| format!("label::{} ({l})", name(*l)))
            .collect();
        let mut rows: Vec<Vec<String>> = Vec::new();
        let sheet = |rows: &mut Vec<Vec<String>>, title: &str, head: &[&str], more: &[String]| {
            rows.push(vec![title.to_owned()]);
            let head = head.iter().map(|h| (*h).to_owned());
            rows.push(
                [String::new()]
                    .into_iter()
                    .chain(head)
                    .chain(more.to_vec())
                    .collect(),
            );
        };
        sheet(&mut rows, "survey", &["type", "name", "required"], &labels);
        for (kind, name) in [("start", "start"), ("end", "end")] {
            rows.push(row(
                [kind, name, ""],
                self.languages.iter().map(|_| String::new()),
            ));
        }
        for q in &questions {
            let kind = match &q.answer {
                Answer::OneOf(_) => format!("select_one {}", q.name),
                Answer::Point => "geopoint".to_owned(),
                Answer::DateTime => "datetime".to_owned(),
                Answer::Whole => "integer".to_owned(),
                Answer::Text => "text".to_owned(),
                Answer::File(kind) => (*kind).to_owned(),
            };
            let required = if q.required { "yes" } else { "" };
            let of = |l: &Language| self.text(Some(*l), q.label);
            rows.push(row(
                [&kind, q.name, required],
                self.languages.iter().map(of),
            ));
        }
        sheet(&mut rows, "choices", &["list_name", "name"], &labels);
        for q in &questions {
            let Answer::OneOf(all) = &q.answer else {
                continue;
            };
            for (value, label) in all {
                let of = |l: &Language| self.text(Some(*l), label);
                rows.push(row([q.name, value], self.languages.iter().map(of)));
            }
        }
        let default = self.languages.first().copied().unwrap_or_default();
        let language = format!("{} ({default})", name(default));
        sheet(
            &mut rows,
            "settings",
            &["form_title", "form_id", "default_language"],
            &[],
        );
        let title = self.text(Some(default), "form-title");
        rows.push(row(
            [title.as_str(), FORM_ID, &language],
            std::iter::empty(),
        ));
        let mut out = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new());
        for row in &rows {
            // Writing to memory does not fail.
            let _ = out.write_record(row);
        }
        let bytes = out.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    fn translation(&self, language: Language, first: bool, questions: &[Question]) -> String {
        let default = if first { " default=\"true()\"" } else { "" };
        let mut out = format!(
            "<translation lang=\"{} ({language})\"{default}>\n",
            name(language)
        );
        let mut put = |id: &str, message: &str| {
            let text = escaped(&self.text(Some(language), message));
            let id = escaped(id);
            let _ = writeln!(out, "<text id=\"{id}\"><value>{text}</value></text>");
        };
        for q in questions {
            put(q.name, q.label);
            if let Answer::OneOf(all) = &q.answer {
                for (value, label) in all {
                    put(&format!("{}-{value}", q.name), label);
                }
            }
        }
        out.push_str("</translation>\n");
        out
    }

    /// A message; an observer's id, which is none, stands for itself.
    fn text(&self, language: Option<Language>, message: &str) -> String {
        let words = Words {
            language: language.unwrap_or_default(),
            utc_offset_s: 0,
        };
        words.word(message)
    }
}

fn row<const N: usize>(first: [&str; N], labels: impl Iterator<Item = String>) -> Vec<String> {
    let first = first.into_iter().map(str::to_owned);
    [String::new()]
        .into_iter()
        .chain(first)
        .chain(labels)
        .collect()
}

fn name(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::Az => "Azərbaycanca",
        Language::Hy => "Հայերեն",
        Language::Ru => "Русский",
        Language::Tr => "Türkçe",
        Language::Ar => "العربية",
    }
}

const MEANS: [Means; 4] = [Means::Heard, Means::Saw, Means::Camera, Means::Uav];
const PHENOMENA: [Phenomenon; 8] = [
    Phenomenon::Explosion,
    Phenomenon::Burst,
    Phenomenon::Shot,
    Phenomenon::Projectile,
    Phenomenon::MuzzleFlash,
    Phenomenon::Tracer,
    Phenomenon::Flare,
    Phenomenon::Other,
];
const WEAPONS: [Weapon; 11] = [
    Weapon::SmallArms,
    Weapon::Hmg,
    Weapon::Agl,
    Weapon::Cannon,
    Weapon::Mortar,
    Weapon::Artillery,
    Weapon::Tank,
    Weapon::Mlrs,
    Weapon::AntiTank,
    Weapon::Drone,
    Weapon::Unknown,
];
const DIRECTIONS: [Direction; 5] = [
    Direction::Outgoing,
    Direction::Incoming,
    Direction::Impact,
    Direction::Airburst,
    Direction::Unknown,
];

fn choices<T: serde::Serialize>(message: &str, all: &[T]) -> Answer {
    let one = |value: &T| {
        let value = word(value);
        let label = format!("{message}-{value}");
        (value, label)
    };
    Answer::OneOf(all.iter().map(one).collect())
}

fn bind(q: &Question) -> String {
    let kind = match q.answer {
        Answer::OneOf(_) | Answer::Text => "string",
        Answer::Point => "geopoint",
        Answer::DateTime => "dateTime",
        Answer::Whole => "int",
        Answer::File(_) => "binary",
    };
    let required = if q.required {
        " required=\"true()\""
    } else {
        ""
    };
    let constraint = match q.name {
        "bearing" => " constraint=\". &gt;= 0 and . &lt;= 360\"",
        "count" | "distance_m" => " constraint=\". &gt;= 0\"",
        _ => "",
    };
    let name = q.name;
    format!("<bind nodeset=\"/data/{name}\" type=\"{kind}\"{required}{constraint}/>\n")
}

fn control(q: &Question) -> String {
    let name = q.name;
    let label = format!("<label ref=\"jr:itext('{name}')\"/>");
    match &q.answer {
        Answer::OneOf(all) => {
            let items: String = all
                .iter()
                .map(|(value, _)| {
                    let value = escaped(value);
                    format!("<item><label ref=\"jr:itext('{name}-{value}')\"/><value>{value}</value></item>")
                })
                .collect();
            format!("<select1 ref=\"/data/{name}\">{label}{items}</select1>\n")
        }
        Answer::File(kind) => {
            format!("<upload mediatype=\"{kind}/*\" ref=\"/data/{name}\">{label}</upload>\n")
        }
        _ => format!("<input ref=\"/data/{name}\">{label}</input>\n"),
    }
}
