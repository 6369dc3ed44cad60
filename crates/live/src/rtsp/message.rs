//! Messages of RTSP 1.0 (RFC 2326, 4 to 7) and the binary frames between them (10.12).
//!
//! ```text
//! $ channel length payload
//! METHOD URI RTSP/1.0 | RTSP/1.0 STATUS REASON, CRLF, name: value CRLF …, CRLF, body
//! ```

use bytes::{Buf as _, Bytes, BytesMut};

/// The longest head of a message, and the longest body.
const MAX_HEAD: usize = 16 * 1024;
const MAX_BODY: usize = 64 * 1024;
const MAX_FIELDS: usize = 100;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) first: First,
    /// Names in lower case, in the order they came.
    fields: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// What a message begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum First {
    Request { method: String, uri: String },
    Response { status: u16 },
}

/// The next thing of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    Message(Message),
    /// A binary frame; nobody here wants its content.
    Frame,
}

impl Message {
    /// The value of a field, by its name in lower case.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// All values of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

/// Takes the next thing off what came; `None` when more bytes are needed.
///
/// # Errors
/// In words, when it is no RTSP; the connection cannot be read on.
pub(crate) fn next(came: &mut BytesMut) -> Result<Option<Next>, String> {
    // Empty lines between messages are let pass.
    while matches!(came.first(), Some(b'\r' | b'\n')) {
        came.advance(1);
    }
    if came.first() == Some(&b'$') {
        let Some(&[_, _, high, low]) = came.first_chunk::<4>() else {
            return Ok(None);
        };
        let len = 4 + usize::from(u16::from_be_bytes([high, low]));
        if came.len() < len {
            return Ok(None);
        }
        came.advance(len);
        return Ok(Some(Next::Frame));
    }
    let Some(head_len) = memchr::memmem::find(came, b"\r\n\r\n").map(|at| at + 4) else {
        if came.len() > MAX_HEAD {
            return Err(format!("a message's head has more than {MAX_HEAD} bytes"));
        }
        return Ok(None);
    };
    if head_len > MAX_HEAD {
        return Err(format!("a message's head has more than {MAX_HEAD} bytes"));
    }
    let head = came.get(..head_len).unwrap_or_default();
    let (first, fields) = head_of(head)?;
    let body_len = match fields.iter().find(|(n, _)| n == "content-length") {
        None => 0,
        Some((_, v)) => v
            .parse::<usize>()
            .ok()
            .filter(|len| *len <= MAX_BODY)
            .ok_or_else(|| format!("Content-Length is {v:?}; expected at most {MAX_BODY}"))?,
    };
    if came.len() < head_len + body_len {
        return Ok(None);
    }
    came.advance(head_len);
    let body = came.split_to(body_len).freeze();
    Ok(Some(Next::Message(Message {
        first,
        fields,
        body,
    })))
}

type Fields = Vec<(String, String)>;

fn head_of(head: &[u8]) -> Result<(First, Fields), String> {
    let head = std::str::from_utf8(head).map_err(|_| "a message's head is not text".to_owned())?;
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default();
    let first = first_of(line).ok_or_else(|| {
        let seen: String = line.chars().take(60).collect();
        format!("{seen:?} begins no message; expected METHOD URI RTSP/1.0")
    })?;
    let mut fields = Fields::new();
    for line in lines.filter(|l| !l.is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| "a field of a message has no colon".to_owned())?;
        if fields.len() == MAX_FIELDS {
            return Err(format!("a message has more than {MAX_FIELDS} fields"));
        }
        fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    Ok((first, fields))
}

fn first_of(line: &str) -> Option<First> {
    let mut words = line.splitn(3, ' ');
    let (one, two) = (words.next()?, words.next()?);
    if one == "RTSP/1.0" {
        let status = two.parse().ok()?;
        return Some(First::Response { status });
    }
    let is_method = !one.is_empty() && one.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    (is_method && words.next()? == "RTSP/1.0").then(|| First::Request {
        method: one.to_owned(),
        uri: two.to_owned(),
    })
}

/// A request's text.
pub(crate) fn request(method: &str, uri: &str, fields: &[(&str, String)], body: &str) -> String {
    text(&format!("{method} {uri} RTSP/1.0"), fields, body)
}

/// A response's text.
pub(crate) fn response(status: &str, fields: &[(&str, String)], body: &str) -> String {
    text(&format!("RTSP/1.0 {status}"), fields, body)
}

fn text(first: &str, fields: &[(&str, String)], body: &str) -> String {
    let mut out = format!("{first}\r\n");
    for (name, value) in fields {
        out += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        out += &format!("Content-Length: {}\r\n", body.len());
    }
    out + "\r\n" + body
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_and_frames_are_told_apart_however_they_come() {
        let sent = [
            request("SETUP", "rtsp://h/a", &[("CSeq", "1".into())], "").into_bytes(),
            vec![b'$', 0, 0, 3, 1, 2, 3],
            request("ANNOUNCE", "rtsp://h/a", &[("CSeq", "2".into())], "v=0").into_bytes(),
            response(
                "401 Unauthorized",
                &[
                    ("WWW-Authenticate", "Basic".into()),
                    ("WWW-Authenticate", "Digest".into()),
                ],
                "",
            )
            .into_bytes(),
        ]
        .concat();
        let mut came = BytesMut::new();
        let mut read = Vec::new();
        for byte in sent {
            came.extend([byte]);
            while let Some(next) = next(&mut came).unwrap() {
                read.push(next);
            }
        }
        assert_eq!(read.len(), 4);
        let Next::Message(announce) = &read[2] else {
            panic!()
        };
        assert_eq!(
            (announce.field("cseq"), &announce.body[..]),
            (Some("2"), &b"v=0"[..])
        );
        let Next::Message(refusal) = &read[3] else {
            panic!()
        };
        assert_eq!(
            refusal.all("www-authenticate").collect::<Vec<_>>(),
            ["Basic", "Digest"]
        );
        assert_eq!(refusal.first, First::Response { status: 401 });
    }

    #[test]
    fn what_is_no_message_is_refused_and_bounded() {
        for bad in [
            "GET / HTTP/1.1\r\n\r\n",
            "SETUP x RTSP/1.0\r\nno colon\r\n\r\n",
            "A b RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n",
        ] {
            assert!(next(&mut BytesMut::from(bad)).is_err(), "{bad}");
        }
        let long = vec![b'A'; MAX_HEAD + 1];
        assert!(next(&mut BytesMut::from(&long[..])).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut came = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = next(&mut came) {}
        }
    }
}
