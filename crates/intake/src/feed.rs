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

/// A feed whose format is known and whose bytes are still to be read.
pub struct Feed<'a> {
    reader: &'a mut dyn Read,
    head: Vec<u8>,
    format: Format,
}

impl<'a> Feed<'a> {
    /// Looks at a feed's first bytes; its format is recognised by them when not given.
    ///
    /// # Errors
    /// When it is empty, its first bytes cannot be read, or no format knows them.
    pub fn open(reader: &'a mut dyn Read, format: Option<Format>) -> Result<Self, FeedError> {
        let head = read_head(reader)?;
        if head.is_empty() {
            return Err(FeedError::Empty);
        }
        let format = format
            .or_else(|| Format::recognise(&head))
            .ok_or_else(|| unrecognised(&head))?;
        Ok(Self {
            reader,
            head,
            format,
        })
    }

    /// Its format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Reads it to its end.
    ///
    /// # Errors
    /// When reading fails; faults within the feed are told as items.
    pub fn read(
        self,
        context: Context,
        tell: &mut dyn FnMut(Piece<'_>),
    ) -> Result<Tally, FeedError> {
        let Self {
            reader,
            head: mut bytes,
            format,
        } = self;
        let mut decoder = decoder(format, context);
        let mut after = 0;
        let mut broken = None;
        while !bytes.is_empty() {
            after += bytes.len() as u64;
            tell(Piece::Bytes(&bytes));
            decoder.push(&bytes, &mut |item| tell(Piece::Item(item)));
            bytes.resize(CHUNK_BYTES, 0);
            let read = read_some(reader, &mut bytes).unwrap_or_else(|source| {
                broken = Some(FeedError::Io { after, source });
                0
            });
            bytes.truncate(read);
        }
        // What came before a break is told whole.
        decoder.finish(&mut |item| tell(Piece::Item(item)));
        broken.map_or_else(|| Ok(decoder.tally()), Err)
    }
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
        Context {
            feed: FeedId::new("f").unwrap(),
            source: SourceId::new("s").unwrap(),
        }
    }

    #[test]
    fn what_no_format_knows_is_refused_with_its_first_bytes() {
        let mut bytes = &b"\x01\x02hello"[..];
        let told = Feed::open(&mut bytes, None).err().unwrap().to_string();
        assert!(
            told.contains("010268656c6c6f") && told.contains("--format"),
            "{told}"
        );
    }

    #[test]
    fn an_empty_feed_is_told() {
        assert!(matches!(
            Feed::open(&mut io::empty(), None),
            Err(FeedError::Empty)
        ));
    }

    #[test]
    fn all_bytes_are_told_in_order() {
        let line = br#"{"id":"o","source":"F","kind":"flash","observed":"2021-03-14T09:00:00Z","bearing_deg":1,"bearing_sd_deg":1}"#;
        let bytes: Vec<u8> = [&line[..], b"\n"].concat().repeat(20);
        let mut seen = Vec::new();
        let mut reader = &bytes[..];
        let feed = Feed::open(&mut reader, Some(Format::Sensor)).unwrap();
        let tally = feed
            .read(context(), &mut |piece| {
                if let Piece::Bytes(b) = piece {
                    seen.extend_from_slice(b);
                }
            })
            .unwrap();
        assert_eq!(seen, bytes);
        assert_eq!(tally.bytes, bytes.len() as u64);
    }
}
