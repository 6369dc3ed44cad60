//! Reading a whole feed through its decoder.

use std::io::{self, Read};

use crate::{Context, Format, Item, Tally, decoder};

/// What a feed gives as it is read: its bytes first, then what was found in them.
#[derive(Debug)]
pub enum Piece<'a> {
    /// The next bytes, as they came.
    Bytes(&'a [u8]),
    /// Something found in bytes that were told before.
    Item(Item),
}

/// A feed that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// No format knows its first bytes.
    #[error(
        "none of the formats knows its first {seen} bytes ({head}); name one with --format \
         ({formats})"
    )]
    Unrecognised {
        /// How many bytes were looked at.
        seen: usize,
        /// The first of them, in hexadecimal.
        head: String,
        /// The formats there are.
        formats: String,
    },
    /// It has no bytes.
    #[error("it is empty")]
    Empty,
    /// Reading failed part of the way; what came before was told.
    #[error("reading failed after {after} bytes: {source}")]
    Io {
        /// How many bytes had come.
        after: u64,
        /// The system's reason.
        source: io::Error,
    },
}

/// How much is read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Reads a feed to its end. `format` is recognised by the first bytes when not given.
///
/// # Errors
/// When the format is not known or reading fails; faults within the feed are told as items.
pub fn read_feed(
    reader: &mut dyn Read,
    format: Option<Format>,
    context: Context,
    tell: &mut dyn FnMut(Piece<'_>),
) -> Result<(Format, Tally), FeedError> {
    let head = read_head(reader)?;
    if head.is_empty() {
        return Err(FeedError::Empty);
    }
    let format = format.or_else(|| Format::recognise(&head)).ok_or_else(|| unrecognised(&head))?;
    let mut decoder = decoder(format, context);
    let mut bytes = head;
    let mut after = 0;
    while !bytes.is_empty() {
        after += bytes.len() as u64;
        tell(Piece::Bytes(&bytes));
        decoder.push(&bytes, &mut |item| tell(Piece::Item(item)));
        bytes.resize(CHUNK_BYTES, 0);
        let n = read_some(reader, &mut bytes).map_err(|source| FeedError::Io { after, source })?;
        bytes.truncate(n);
    }
    decoder.finish(&mut |item| tell(Piece::Item(item)));
    Ok((format, decoder.tally()))
}

/// As many of the first bytes as recognition wants, or all there are.
fn read_head(reader: &mut dyn Read) -> Result<Vec<u8>, FeedError> {
    let mut head = Vec::new();
    reader
        .take(Format::HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(|source| FeedError::Io { after: 0, source })?;
    Ok(head)
}

fn read_some(reader: &mut dyn Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(into) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

fn unrecognised(head: &[u8]) -> FeedError {
    let formats: Vec<_> = Format::ALL.iter().map(|f| f.as_str()).collect();
    FeedError::Unrecognised {
        seen: head.len(),
        head: head.iter().take(16).map(|b| format!("{b:02x}")).collect(),
        formats: formats.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truceline_domain::{FeedId, SourceId};

    fn context() -> Context {
        Context { feed: FeedId::new("f").unwrap(), source: SourceId::new("s").unwrap() }
    }

    #[test]
    fn what_no_format_knows_is_refused_with_its_first_bytes() {
        let told = read_feed(&mut &b"\x01\x02hello"[..], None, context(), &mut |_| {})
            .unwrap_err()
            .to_string();
        assert!(told.contains("010268656c6c6f") && told.contains("--format"), "{told}");
    }

    #[test]
    fn an_empty_feed_is_told() {
        assert!(matches!(
            read_feed(&mut io::empty(), None, context(), &mut |_| {}),
            Err(FeedError::Empty)
        ));
    }

    #[test]
    fn all_bytes_are_told_in_order() {
        let line = br#"{"id":"o","source":"F","kind":"flash","observed":"2021-03-14T09:00:00Z","bearing_deg":1,"bearing_sd_deg":1}"#;
        let bytes: Vec<u8> = [&line[..], b"\n"].concat().repeat(20);
        let mut seen = Vec::new();
        let (_, tally) =
            read_feed(&mut &bytes[..], Some(Format::Sensor), context(), &mut |piece| {
                if let Piece::Bytes(b) = piece {
                    seen.extend_from_slice(b);
                }
            })
            .unwrap();
        assert_eq!(seen, bytes);
        assert_eq!(tally.bytes, bytes.len() as u64);
    }
}
