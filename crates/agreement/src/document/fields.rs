//! Reads the fields of a block, gathering every fault with its line and column.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::str::FromStr;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use truceline_domain::{Observed, Refused, Sha256};

use super::blocks::Block;
use crate::Fault;
use crate::when::{self, Offset};

/// Where a block stands, for errors found later.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file as the caller named it.
    pub file: String,
    /// Line of the fence, from 1.
    pub line: usize,
    keys: BTreeMap<String, usize>,
}

impl Place {
    /// The line of a field, or of the block when it has no such field.
    #[must_use]
    pub fn line_of(&self, key: &str) -> usize {
        self.keys.get(key).copied().unwrap_or(self.line)
    }

    pub(crate) fn error(
        &self,
        key: &str,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) -> Fault {
        Fault::error(&self.file, self.line_of(key), what, expected)
    }

    pub(crate) fn note(
        &self,
        key: &str,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) -> Fault {
        Fault::note(&self.file, self.line_of(key), what, expected)
    }
}

/// A block's fields. Each is asked for once; what nobody asked for is unknown.
pub(crate) struct Fields<'a> {
    file: &'a str,
    block: &'a Block,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    asked: BTreeSet<&'static str>,
    pub(crate) faults: Vec<Fault>,
}

/// The largest block, bytes: TOML inside is parsed recursively.
const MAX_BLOCK_BYTES: usize = 64 << 10;

/// Reads a block with `read`, which gives `None` when a fault kept it from a value.
pub(crate) fn read<T>(
    file: &str,
    block: &Block,
    faults: &mut Vec<Fault>,
    read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
) -> Option<T> {
    if block.text.len() > MAX_BLOCK_BYTES {
        let what = format!("a block of {} bytes", block.text.len());
        faults.push(Fault::error(file, block.line, what, "at most 65536 bytes"));
        return None;
    }
    let table = match DeTable::parse(&block.text) {
        Ok(table) => table,
        Err(e) => {
            let (line, column) = block.position(e.span().map_or(0, |s| s.start));
            let what = e.message().replace('\n', "; ");
            faults.push(Fault::error(file, line, what, "TOML").at_column(column));
            return None;
        }
    };
    let mut fields = Fields {
        file,
        block,
        table: table.get_ref(),
        span: 0..0,
        asked: BTreeSet::new(),
        faults: Vec::new(),
    };
    let value = read(&mut fields);
    fields.finish();
    let good = !fields.faults.iter().any(Fault::is_error);
    faults.append(&mut fields.faults);
    value.filter(|_| good)
}

impl<'a> Fields<'a> {
    /// Where this block and its fields stand.
    pub(crate) fn place(&self) -> Place {
        let keys = self.table.iter().map(|(key, _)| {
            let line = self.block.position(key.span().start).0;
            (key.get_ref().to_string(), line)
        });
        Place {
            file: self.file.to_owned(),
            line: self.block.line,
            keys: keys.collect(),
        }
    }

    fn fault(&self, at: usize, what: impl Into<String>, expected: impl Into<String>) -> Fault {
        let (line, column) = if self.span.is_empty() && at == 0 && self.table.is_empty() {
            (self.block.line, 1)
        } else {
            self.block.position(at)
        };
        Fault::error(self.file, line, what, expected).at_column(column)
    }

    /// A fault at the value of `key`, or at the block when it has none.
    pub(crate) fn error(
        &mut self,
        key: &str,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let fault = match self.table.get(key) {
            Some(value) => self.fault(value.span().start, what, expected),
            None if self.span.is_empty() => {
                Fault::error(self.file, self.block.line, what, expected)
            }
            None => self.fault(self.span.start, what, expected),
        };
        self.faults.push(fault);
    }

    /// Where a byte of the text of `key` stands in the file: line and column.
    pub(crate) fn position_within(&self, key: &str, offset: usize) -> (usize, usize) {
        let Some(value) = self.table.get(key) else {
            return (self.block.line, 1);
        };
        let span = value.span();
        let raw = self.block.text.get(span.clone()).unwrap_or_default();
        // Literal strings stand as they are; of the others the opening quotes are passed over.
        let quotes = ["'''", "\"\"\"", "'", "\""]
            .into_iter()
            .find(|q| raw.starts_with(q))
            .unwrap_or("");
        let newline = raw.get(quotes.len()..).map_or(0, |rest| {
            usize::from(quotes.len() == 3 && rest.starts_with('\n'))
        });
        self.block
            .position(span.start + quotes.len() + newline + offset)
    }

    fn finish(&mut self) {
        let unknown: Vec<_> = self
            .table
            .iter()
            .filter(|(key, _)| !self.asked.contains(key.get_ref().as_ref()))
            .map(|(key, _)| (key.span().start, key.get_ref().to_string()))
            .collect();
        for (at, key) in unknown {
            let known: Vec<_> = self.asked.iter().copied().collect();
            let fault = self.fault(
                at,
                format!("unknown field `{key}`"),
                format!("one of {}", known.join(", ")),
            );
            self.faults.push(fault);
        }
    }

    pub(crate) fn has(&mut self, key: &'static str) -> bool {
        self.asked.insert(key);
        self.table.contains_key(key)
    }

    fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.insert(key);
        self.table.get(key)
    }

    fn required_value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let value = self.value(key);
        if value.is_none() {
            self.error(key, format!("no `{key}`"), format!("a field `{key}`"));
        }
        value
    }

    fn wrong(&mut self, value: &Spanned<DeValue<'_>>, key: &str, expected: &str) {
        let what = format!("`{key}` is {}", shown(value.get_ref()));
        let fault = self.fault(value.span().start, what, expected);
        self.faults.push(fault);
    }

    /// Text that is not empty.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<&'a str> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str().filter(|t| !t.trim().is_empty());
        if text.is_none() {
            self.wrong(value, key, "text that is not empty");
        }
        text
    }

    pub(crate) fn required_text(&mut self, key: &'static str) -> Option<&'a str> {
        self.required_value(key)?;
        self.text(key)
    }

    /// Text that parses.
    pub(crate) fn parsed<T: FromStr<Err = Refused>>(&mut self, key: &'static str) -> Option<T> {
        let text = self.text(key)?;
        text.parse()
            .map_err(|e: Refused| {
                self.error(key, format!("{} {:?}", e.what, e.seen), e.expected);
            })
            .ok()
    }

    pub(crate) fn required<T: FromStr<Err = Refused>>(&mut self, key: &'static str) -> Option<T> {
        self.required_value(key)?;
        self.parsed(key)
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.required_text(key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.error(
                key,
                format!("{key} {text:?}"),
                format!("one of {}", all.join(", ")),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// A list of texts; `None` when there is none or one of them is wrong.
    pub(crate) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        const EXPECTED: &str = "a list of texts that are not empty";
        let value = self.value(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(value, key, EXPECTED);
            return None;
        };
        let mut texts = Vec::with_capacity(array.len());
        for item in array.iter() {
            match item.get_ref().as_str().filter(|t| !t.trim().is_empty()) {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(item, key, EXPECTED),
            }
        }
        (texts.len() == array.len()).then_some(texts)
    }

    /// A list of names of one kind, each once.
    pub(crate) fn list<T: FromStr<Err = Refused> + Ord + Clone>(
        &mut self,
        key: &'static str,
    ) -> Option<Vec<T>> {
        let texts = self.texts(key)?;
        let mut list = Vec::with_capacity(texts.len());
        let mut seen = BTreeSet::new();
        for text in &texts {
            match text.parse::<T>() {
                Ok(value) if seen.insert(value.clone()) => list.push(value),
                Ok(_) => self.error(key, format!("{text:?} twice"), "each once"),
                Err(e) => self.error(key, format!("{} {:?}", e.what, e.seen), e.expected),
            }
        }
        (list.len() == texts.len()).then_some(list)
    }

    /// A whole number from `low` to `high`.
    pub(crate) fn whole(&mut self, key: &'static str, low: u32, high: u32) -> Option<u32> {
        let value = self.value(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .filter(|i| i.radix() == 10)
            .and_then(|i| i.as_str().parse::<u32>().ok())
            .filter(|n| (low..=high).contains(n));
        if number.is_none() {
            self.wrong(value, key, &format!("a whole number from {low} to {high}"));
        }
        number
    }

    /// A number from `low` to `high`.
    pub(crate) fn number(&mut self, key: &'static str, low: f64, high: f64) -> Option<f64> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::Integer(i) if i.radix() == 10 => i.as_str(),
            DeValue::Float(f) => f.as_str(),
            _ => "",
        };
        let number = text
            .parse::<f64>()
            .ok()
            .filter(|n| (low..=high).contains(n));
        if number.is_none() {
            self.wrong(value, key, &format!("a number from {low} to {high}"));
        }
        number
    }

    fn written_time(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Datetime(written) => Some(written.to_string()),
            _ => {
                self.wrong(value, key, when::DATE_OR_TIME);
                None
            }
        }
    }

    fn instant(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&str) -> Option<Observed>,
    ) -> Option<Observed> {
        let text = self.written_time(key)?;
        let instant = read(&text);
        if instant.is_none() {
            self.error(key, format!("{key} {text}"), when::DATE_OR_TIME);
        }
        instant
    }

    /// A time, or the 00:00 at which a date begins.
    pub(crate) fn start(&mut self, key: &'static str, offset: Offset) -> Option<Observed> {
        self.instant(key, |text| when::start(text, offset))
    }

    /// A time, or the 24:00 at which a date ends.
    pub(crate) fn end(&mut self, key: &'static str, offset: Offset) -> Option<Observed> {
        self.instant(key, |text| when::end(text, offset))
    }

    /// A date.
    pub(crate) fn date(&mut self, key: &'static str) -> Option<Date> {
        let text = self.written_time(key)?;
        let date = when::date(&text);
        if date.is_none() {
            self.error(
                key,
                format!("{key} {text}"),
                "a date that exists, such as 2020-11-20",
            );
        }
        date
    }

    pub(crate) fn required_date(&mut self, key: &'static str) -> Option<Date> {
        self.required_value(key)?;
        self.date(key)
    }

    pub(crate) fn required_start(&mut self, key: &'static str, offset: Offset) -> Option<Observed> {
        self.required_value(key)?;
        self.start(key, offset)
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(value, key, "true or false");
        }
        flag
    }

    /// `timezone`, an offset.
    pub(crate) fn offset(&mut self) -> Option<Offset> {
        let text = self.required_text("timezone")?;
        let offset = Offset::parse(text);
        if offset.is_none() {
            let what = format!("timezone {text:?}");
            self.error("timezone", what, "an offset such as +03:00 or Z");
        }
        offset
    }

    pub(crate) fn sha256(&mut self, key: &'static str) -> Option<Sha256> {
        self.parsed(key)
    }

    fn inner<T>(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        key: &str,
        read: impl FnOnce(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value, key, "a table: { … }");
            return None;
        };
        let mut fields = Fields {
            file: self.file,
            block: self.block,
            table,
            span: value.span(),
            asked: BTreeSet::new(),
            faults: Vec::new(),
        };
        let read = read(&mut fields);
        fields.finish();
        let good = !fields.faults.iter().any(Fault::is_error);
        self.faults.append(&mut fields.faults);
        read.filter(|_| good)
    }

    /// A table within.
    pub(crate) fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        self.inner(value, key, read)
    }

    /// A list of tables within; those with faults are left out.
    pub(crate) fn tables<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&mut Fields<'a>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(value, key, "a list of tables: [ { … }, … ]");
            return Vec::new();
        };
        array
            .iter()
            .filter_map(|item| self.inner(item, key, &read))
            .collect()
    }
}

/// A value as people would recognise it.
fn shown(value: &DeValue<'_>) -> Cow<'static, str> {
    match value {
        DeValue::String(text) => format!("{text:?}").into(),
        DeValue::Integer(i) => i.to_string().into(),
        DeValue::Float(f) => f.to_string().into(),
        DeValue::Boolean(b) => b.to_string().into(),
        DeValue::Datetime(d) => d.to_string().into(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a table".into(),
    }
}
