//! Statements in sentences of the theatre's languages, by Fluent (<https://projectfluent.org>): one
//! file a language in `locales/`, one message a statement. Names of parties and sources come from
//! data; numbers are formatted here, so that all languages tell the same figures.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde_json::Value;
use truceline_domain::{EventKind, PartyId, Refused, Statement};
use unic_langid::LanguageIdentifier;

/// A language that explanations are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Azerbaijani.
    Az,
    /// Armenian.
    Hy,
    /// Russian.
    Ru,
    /// Turkish.
    Tr,
    /// Arabic.
    Ar,
}

impl Language {
    /// All, in order.
    pub const ALL: [Self; 6] = [Self::En, Self::Az, Self::Hy, Self::Ru, Self::Tr, Self::Ar];

    /// Its code (ISO 639-1).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Az => "az",
            Self::Hy => "hy",
            Self::Ru => "ru",
            Self::Tr => "tr",
            Self::Ar => "ar",
        }
    }

    const fn number(self) -> usize {
        match self {
            Self::En => 0,
            Self::Az => 1,
            Self::Hy => 2,
            Self::Ru => 3,
            Self::Tr => 4,
            Self::Ar => 5,
        }
    }

    /// Between whole and fraction (CLDR 44; Arabic with Western digits, `latn`).
    #[must_use]
    pub const fn decimal_mark(self) -> char {
        match self {
            Self::En | Self::Ar => '.',
            Self::Az | Self::Hy | Self::Ru | Self::Tr => ',',
        }
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Ar)
    }
}

/// Messages in all languages, one Fluent file each.
pub struct Messages([FluentBundle<FluentResource>; 6]);

impl Messages {
    /// Reads the files' texts, in the order of [`Language::ALL`].
    #[must_use]
    pub fn read(texts: [&str; 6]) -> Self {
        let mut texts = texts.into_iter();
        Self(Language::ALL.map(|language| bundle(language, texts.next().unwrap_or_default())))
    }

    /// A message of a language, filled in; `None` when there is none of this name, or an argument is
    /// missing.
    #[must_use]
    pub fn tell(
        &self,
        language: Language,
        id: &str,
        arguments: Option<&FluentArgs<'_>>,
    ) -> Option<String> {
        let bundle = self.0.get(language.number())?;
        let pattern = bundle.get_message(id)?.value()?;
        let mut errors = vec![];
        let text = bundle.format_pattern(pattern, arguments, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }
}

fn bundle(language: Language, text: &str) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Marks around names keep their direction within a line that runs the other way.
    bundle.set_use_isolating(language.is_right_to_left());
    // A file with a slip in it still gives its other messages; a test holds all of them.
    let resource = match FluentResource::try_new(text.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

/// What the engine says.
static MESSAGES: LazyLock<Messages> = LazyLock::new(|| Messages::read(TEXTS));

const TEXTS: [&str; 6] = [
    include_str!("../locales/en.ftl"),
    include_str!("../locales/az.ftl"),
    include_str!("../locales/hy.ftl"),
    include_str!("../locales/ru.ftl"),
    include_str!("../locales/tr.ftl"),
    include_str!("../locales/ar.ftl"),
];

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = String;

    /// Reads a code.
    fn from_str(code: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|l| l.code() == code);
        known.ok_or_else(|| {
            let codes = Self::ALL.map(Self::code).join(", ");
            format!("language {code:?} is none of {codes}")
        })
    }
}

/// Statements in sentences, in their order. `name` tells what a party is called.
///
/// ```
/// use truceline_domain::{PartyId, Statement};
/// use truceline_engine::{Language, say};
/// let said = Statement::Named { party: PartyId::new("north")?, p: 0.97 };
/// let name = |p: &PartyId| p.to_string();
/// assert_eq!(say(&[said.clone()], Language::En, &name), ["Named: north, probability 0.970."]);
/// assert_eq!(say(&[said], Language::Tr, &name), ["Adı verilen taraf: north, olasılık 0,970."]);
/// # Ok::<(), truceline_domain::Refused>(())
/// ```
#[must_use]
pub fn say(
    statements: &[Statement],
    language: Language,
    name: &dyn Fn(&PartyId) -> String,
) -> Vec<String> {
    statements
        .iter()
        .filter_map(|s| sentence(s, language, name))
        .collect()
}

/// What a kind of event is called.
#[must_use]
pub fn kind_word(kind: EventKind, language: Language) -> String {
    let id = format!("kind-{}", kind.as_str());
    message(language, &id, None).unwrap_or_else(|| kind.to_string())
}

/// A word of the language by its message; `None` when there is none.
fn message(language: Language, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
    MESSAGES.tell(language, id, arguments)
}

fn sentence(
    statement: &Statement,
    language: Language,
    name: &dyn Fn(&PartyId) -> String,
) -> Option<String> {
    let Ok(Value::Object(fields)) = serde_json::to_value(statement) else {
        return None;
    };
    let party = |id: &str| PartyId::new(id).map_or_else(|_: Refused| id.to_owned(), |p| name(&p));
    let mut arguments = FluentArgs::new();
    for (key, value) in &fields {
        let value: FluentValue<'_> = match (key.as_str(), value) {
            ("says", _) => continue,
            ("kind", Value::String(word)) => {
                message(language, &format!("kind-{word}"), None)?.into()
            }
            ("party", Value::String(id)) => party(id).into(),
            ("verdict", Value::String(word)) => {
                let known = message(language, &format!("verdict-{word}"), None);
                known.unwrap_or_else(|| party(word)).into()
            }
            (_, Value::String(text)) => text.as_str().into(),
            (_, Value::Number(n)) => match n.as_u64().filter(|_| n.is_u64()) {
                Some(count) => count.into(),
                None => figure(key, n.as_f64()?, language).into(),
            },
            _ => return None,
        };
        arguments.set(key.clone(), value);
    }
    message(language, fields.get("says")?.as_str()?, Some(&arguments))
}

/// A number by the unit in its name: metres whole, seconds and kilometres to a tenth, log-odds with
/// their sign, probabilities to a thousandth and never as 0 or 1 when they are not.
fn figure(key: &str, value: f64, language: Language) -> String {
    let text = match key {
        "log_odds" => format!("{value:+.1}"),
        _ if key.ends_with("_km") || key.ends_with("_s") => format!("{value:.1}"),
        _ if key.ends_with("_m") => format!("{value:.0}"),
        _ if value < 1.0 && value > 0.9995 => "> 0.999".to_owned(),
        _ if value > 0.0 && value < 0.0005 => "< 0.001".to_owned(),
        _ => format!("{value:.3}"),
    };
    text.replace('.', &language.decimal_mark().to_string())
        .replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests;
