//! A span as the transport stream it was sent as, with its metadata.

use truceline_domain::Sha256;

use crate::span::{At, Derived, Origin, Source, Span, SpanError, read, stuffed_tables};

/// Bytes of a clip at most.
const MAX_BYTES: u64 = 512 << 20;
const PACKET: usize = 188;

/// A part of the original transport stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportClip {
    /// The bytes, and where in the segments they stand: byte for byte, whole packets, all streams of the feed.
    pub derived: Derived,
    /// So many bytes at the beginning are not of the place itself: packets of the segment's own PAT and PMT, put before a part that does not
    /// begin with them. 0 when it does; what follows is the segments' bytes unchanged.
    pub tables_bytes: u64,
    /// When its first picture is shown: at or before the wanted instant.
    pub starts_90k: u64,
}

/// The original bytes that hold what was to be seen from `from_90k` to `to_90k`: from the last random access point at or
/// before the first instant (with the tables before it, when they stand there) to the packet that begins the first picture
/// decoded after the last instant. Metadata is as the source interleaved it: an encoder that sends it late leaves its last
/// packets after the end.
///
/// # Errors
/// When there is nothing, too much, or a segment cannot be read.
pub fn transport_clip(
    span: &Span,
    from_90k: u64,
    to_90k: u64,
    source: &dyn Source,
) -> Result<TransportClip, SpanError> {
    let needed = span.needed(from_90k, to_90k)?;
    let origins = origins(&needed, to_90k);
    let count: u64 = origins.iter().map(|o| o.end - o.first).sum();
    if count > MAX_BYTES {
        return Err(SpanError::TooMuch {
            what: "bytes of a clip",
            count,
            most: MAX_BYTES,
        });
    }
    let mut bytes = Vec::new();
    for origin in &origins {
        bytes.extend(read(source, &origin.segment, origin.first, origin.end)?);
    }
    let first = needed.first();
    let mut tables_bytes = 0;
    if let Some(at) = first
        && !begins_with_tables(&bytes, at.index.stride)
    {
        let tables = stuffed_tables(&at.index.tables, at.index.stride);
        tables_bytes = tables.len() as u64;
        bytes.splice(0..0, tables);
    }
    Ok(TransportClip {
        derived: Derived::new(bytes, origins),
        tables_bytes,
        starts_90k: first.and_then(|at| at.group.first_pts_90k()).unwrap_or(0),
    })
}

/// Parts of segments, each as long as it goes on without a gap.
fn origins(needed: &[At<'_>], to_90k: u64) -> Vec<Origin> {
    let mut origins: Vec<Origin> = Vec::new();
    for at in needed {
        let segment: Sha256 = at.index.segment;
        let beyond = at
            .group
            .frames
            .iter()
            .find(|f| f.dts_90k > to_90k && f.offset.is_some());
        let end = beyond.and_then(|f| f.offset).unwrap_or(at.group.end);
        match origins.last_mut() {
            Some(last) if last.segment == segment && last.end == at.group.offset => last.end = end,
            _ => origins.push(Origin {
                segment,
                first: at.group.offset,
                end,
            }),
        }
    }
    origins
}

/// Whether the first packet is of the PAT (packet identifier 0).
fn begins_with_tables(bytes: &[u8], stride: usize) -> bool {
    let lead = if stride == PACKET + 4 { 4 } else { 0 };
    matches!(bytes.get(lead..lead + 3), Some([0x47, high, 0]) if high & 0x1F == 0)
}
