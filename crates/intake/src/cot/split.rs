//! Where XML events begin and end in a stream of them.
//!
//! Only as much of XML is read here as that takes: tags with their quotes, comments, CDATA,
//! processing instructions. An event never holds another, so `<event` always begins one and
//! `</event>` always ends it, whatever is wrong between them; and a `<` where none may stand begins
//! a tag anew, so that a missing quote costs one event only.

/// What begins at the first byte, a `<`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// More bytes are needed.
    More,
    /// An event of so many bytes.
    Event(usize),
    /// So many bytes of an event that another one interrupts.
    Broken(usize),
    /// A document type declaration.
    Doctype(usize),
    /// A prolog, a comment, a tag around events.
    Noise(usize),
    /// An event's end without its beginning.
    Stray(usize),
}

/// Reads on where it stopped, so that bytes are looked at once however they come.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// How many bytes were looked at.
    at: usize,
    state: State,
    /// Where the current tag or the like began.
    token: usize,
    /// Whether an event has begun.
    in_event: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Tag {
        quote: Option<u8>,
    },
    Comment,
    CData,
    Instruction,
    Doctype {
        brackets: u32,
    },
}

impl Splitter {
    /// Forgets what was looked at: the bytes before are gone.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Looks at `rest`, which begins with the same bytes as before, and more.
    pub(super) fn next(&mut self, rest: &[u8]) -> Part {
        while let Some(&byte) = rest.get(self.at) {
            let at = self.at;
            self.at += 1;
            let token = rest.get(self.token..=at).unwrap_or_default();
            match self.state {
                State::Text if byte == b'<' => self.begin_tag(at),
                State::Text => {}
                State::Tag { quote } => {
                    if let Some(part) = self.tag(byte, at, quote, token) {
                        return part;
                    }
                }
                State::Comment => self.until(token.len() >= 7 && token.ends_with(b"-->")),
                State::CData => self.until(token.ends_with(b"]]>")),
                State::Instruction => self.until(token.len() >= 4 && token.ends_with(b"?>")),
                State::Doctype { brackets } => match byte {
                    b'[' => {
                        self.state = State::Doctype {
                            brackets: brackets.saturating_add(1),
                        }
                    }
                    b']' => {
                        self.state = State::Doctype {
                            brackets: brackets.saturating_sub(1),
                        }
                    }
                    b'>' if brackets == 0 => {
                        self.state = State::Text;
                        if !self.in_event {
                            return Part::Doctype(self.at);
                        }
                    }
                    _ => {}
                },
            }
            if self.state == State::Text && !self.in_event {
                return Part::Noise(self.at);
            }
        }
        Part::More
    }

    fn begin_tag(&mut self, at: usize) {
        self.token = at;
        self.state = State::Tag { quote: None };
    }

    fn until(&mut self, over: bool) {
        if over {
            self.state = State::Text;
        }
    }

    fn tag(&mut self, byte: u8, at: usize, quote: Option<u8>, token: &[u8]) -> Option<Part> {
        match (byte, quote) {
            (b'<', _) => {
                // Within a tag or a quoted value there is no `<` in XML. Of an event whose own tag
                // is spoilt, the rest goes with it.
                if !self.in_event && !is_named_event(token) {
                    return Some(Part::Stray(at));
                }
                self.in_event = true;
                self.begin_tag(at);
            }
            (_, Some(q)) if byte == q => self.state = State::Tag { quote: None },
            (_, Some(_)) => {}
            (b'"' | b'\'', None) => self.state = State::Tag { quote: Some(byte) },
            (b'>', None) => {
                self.state = State::Text;
                return self.tag_ends(token);
            }
            (_, None) => {
                self.state = match token {
                    b"<!--" => State::Comment,
                    b"<![CDATA[" => State::CData,
                    b"<?" => State::Instruction,
                    b"<!D" | b"<!d" => State::Doctype { brackets: 0 },
                    _ => self.state,
                };
            }
        }
        None
    }

    fn tag_ends(&mut self, token: &[u8]) -> Option<Part> {
        match Tag::of(token) {
            Tag::Start | Tag::Alone if self.in_event => Some(Part::Broken(self.token)),
            Tag::Alone => Some(Part::Event(self.at)),
            Tag::Start => {
                self.in_event = true;
                None
            }
            Tag::End if self.in_event => Some(Part::Event(self.at)),
            Tag::End => Some(Part::Stray(self.at)),
            Tag::Other => None,
        }
    }
}

/// What a tag has to do with events.
#[derive(Debug, PartialEq, Eq)]
enum Tag {
    /// `<event …>`
    Start,
    /// `<event …/>`
    Alone,
    /// `</event>`
    End,
    Other,
}

impl Tag {
    /// Of a whole tag. Namespaces are not looked at, only the name after the prefix.
    fn of(tag: &[u8]) -> Self {
        let inner = tag
            .strip_prefix(b"<")
            .and_then(|t| t.strip_suffix(b">"))
            .unwrap_or_default();
        let (end, inner) = match inner.strip_prefix(b"/") {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let alone = inner.ends_with(b"/");
        match (is_event_name(inner), end, alone) {
            (false, ..) => Self::Other,
            (true, true, _) => Self::End,
            (true, false, true) => Self::Alone,
            (true, false, false) => Self::Start,
        }
    }
}

/// Whether a tag's inside begins with the name of an event, of whatever namespace.
fn is_event_name(inner: &[u8]) -> bool {
    let name = inner
        .split(|b| b.is_ascii_whitespace() || *b == b'/')
        .next();
    name.and_then(|n| n.rsplit(|b| *b == b':').next()) == Some(b"event")
}

/// Whether the beginning of a tag is that of an event.
fn is_named_event(tag: &[u8]) -> bool {
    tag.strip_prefix(b"<").is_some_and(is_event_name)
}

/// Whether the first bytes are of a stream of events: at most one other element is open before the
/// first event, and that has two or more of an event's own attributes.
pub(super) fn recognise(head: &[u8]) -> bool {
    let mut rest = head.strip_prefix(b"\xBF\x00\xBF").unwrap_or(head);
    rest = rest.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(rest);
    let mut others = 0;
    loop {
        rest = rest.trim_ascii_start();
        if !rest.starts_with(b"<") || others > 1 {
            return false;
        }
        let mut splitter = Splitter::default();
        match splitter.next(rest) {
            Part::Noise(len) => {
                others += u32::from(!matches!(rest.get(1), Some(b'?' | b'!')));
                rest = rest.get(len..).unwrap_or_default();
            }
            Part::Doctype(len) => rest = rest.get(len..).unwrap_or_default(),
            Part::Event(_) | Part::Broken(_) | Part::More => return is_event(rest),
            Part::Stray(_) => return false,
        }
    }
}

/// Whether an event's tag begins the bytes, as far as they go.
fn is_event(bytes: &[u8]) -> bool {
    let end = bytes
        .iter()
        .position(|b| *b == b'>')
        .map_or(bytes.len(), |i| i + 1);
    let tag = bytes.get(..end).unwrap_or_default();
    let words: Vec<&[u8]> = tag
        .split(|b| b.is_ascii_whitespace() || *b == b'=' || *b == b'"' || *b == b'\'')
        .collect();
    let own = ["version", "uid", "type", "time", "start", "stale", "how"];
    let found = own.iter().filter(|a| words.contains(&a.as_bytes())).count();
    is_named_event(tag) && found >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(mut rest: &[u8]) -> Vec<Part> {
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let part = Splitter::default().next(rest);
            let len = match part {
                Part::More => rest.len(),
                Part::Event(n)
                | Part::Broken(n)
                | Part::Doctype(n)
                | Part::Noise(n)
                | Part::Stray(n) => n,
            };
            parts.push(part);
            rest = &rest[len..];
        }
        parts
    }

    #[test]
    fn events_end_where_their_end_tag_is() {
        let text =
            b"<?xml version='1.0'?><!-- <event> --><all><event a='>'><![CDATA[</event>]]></event>\
            <c:event/></event><event><x a=\"></event><event></all>";
        assert_eq!(
            parts(text),
            [
                Part::Noise(21),
                Part::Noise(16),
                Part::Noise(5),
                Part::Event(41),
                Part::Event(10),
                Part::Stray(8),
                Part::Event(22),
                Part::More,
            ]
        );
    }

    #[test]
    fn a_document_type_and_an_interrupted_event_are_told_apart() {
        let text = b"<!DOCTYPE a [<!ENTITY b '>'>]><event uid='1'><point/><event>";
        assert_eq!(
            parts(text),
            [Part::Doctype(30), Part::Broken(23), Part::More]
        );
    }
}
