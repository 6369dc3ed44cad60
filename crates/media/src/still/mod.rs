//! Single pictures out of recorded spans: stills with what is known of them, and small pictures along a time bar.
//!
//! A still is the picture that was shown at an instant, decoded from the random access point before it, and as it was sent: a
//! picture that lost bytes, or that builds on one that did, is refused, since a decoder would have to invent what is missing. The file
//! brings along where and when it was taken ([`Facts`]), and of which bytes it was made.
//!
//! Work is bounded: a still decodes one group of pictures at most, a thumbnail one picture.

mod encode;
mod facts;

use truceline_domain::{Body, FmvMetadata, Observed, Position};
use truceline_intake::fmv::{Codec, Watch};

pub use self::encode::Format;
pub use self::facts::Facts;
use crate::decode::{DecodeError, Picture, PictureDecoder};
use crate::packager::{Event, Metadata, Muxer, OnDamage};
use crate::span::{
    At, Derived, Origin, Source, Span, SpanError, group_pictures, read, stuffed_tables,
};

/// Small pictures at once at most.
pub const MAX_THUMBNAILS: usize = 200;
/// Their width, pixels.
pub const THUMBNAIL_WIDTH: u32 = 160;
/// Metadata farther away from a picture, 90 kHz, says nothing of it: two seconds.
const NEAR_90K: u64 = 180_000;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum StillError {
    /// The span cannot be read there.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// It cannot be decoded: another coding than H.264, or damaged.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Bytes of it were lost on the way to the centre.
    #[error(
        "the picture at PTS {pts_90k} lost bytes on the way, or builds on one that did (PTS {damaged_90k}); take one before \
         that or after the next random access point"
    )]
    Damaged {
        /// Of the picture.
        pts_90k: u64,
        /// Of the first that is damaged.
        damaged_90k: u64,
    },
    /// The decoder gave no picture for it.
    #[error("the decoder gave no picture for PTS {pts_90k}")]
    NoPicture {
        /// Of the picture.
        pts_90k: u64,
    },
    /// It cannot be written as a file.
    #[error("writing a picture of {width} × {height} pixels: {reason}")]
    Encode {
        /// Pixels.
        width: usize,
        /// Pixels.
        height: usize,
        /// The reason.
        reason: String,
    },
}

/// A picture as a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Still {
    /// The file, and what it was made of.
    pub derived: Derived,
    /// What it brings along.
    pub facts: Facts,
}

/// The corners of a picture on the ground, from its metadata: upper left, upper right, lower right, lower left. As they were sent
/// or worked out by the caller, who knows the terrain.
pub type Corners<'a> = dyn Fn(&FmvMetadata) -> Option<[Position; 4]> + 'a;

/// The picture shown at an instant.
///
/// # Errors
/// When none is there, it is damaged, or it cannot be decoded: HEVC and MPEG-2 cannot
/// ([`DecodeError::Codec`]).
pub fn still(
    span: &Span,
    at_90k: u64,
    format: Format,
    corners: &Corners<'_>,
    source: &dyn Source,
) -> Result<Still, StillError> {
    let needed = span.needed(at_90k, at_90k)?;
    let nothing = || SpanError::Nothing {
        from_90k: at_90k,
        to_90k: at_90k,
        held: "none".to_owned(),
    };
    let at = needed.last().ok_or_else(nothing)?;
    let target = shown_at(at, at_90k).ok_or_else(nothing)?;
    let picture = decode(at, target, source)?;
    let metadata = metadata(at, picture.pts_90k, source)?;
    let origin = Origin {
        segment: at.index.segment,
        first: at.group.offset,
        end: at.group.end,
    };
    let facts = facts(at, &picture, metadata, corners, &origin);
    let bytes = encode::still(&picture, format, &facts)?;
    Ok(Still {
        derived: Derived::new(bytes, vec![origin]),
        facts,
    })
}

/// Which picture of the group, in the order decoded, is shown at an instant.
fn shown_at(at: &At<'_>, at_90k: u64) -> Option<usize> {
    let frames = at.group.frames.iter().enumerate();
    let shown = frames
        .filter(|(_, f)| f.pts_90k <= at_90k)
        .max_by_key(|(_, f)| f.pts_90k);
    shown
        .map(|(n, _)| n)
        .or_else(|| (!at.group.frames.is_empty()).then_some(0))
}

fn decode(at: &At<'_>, target: usize, source: &dyn Source) -> Result<Picture, StillError> {
    let mut decoder = PictureDecoder::new(at.index.codec.unwrap_or(Codec::H264))?;
    let frames = &at.group.frames;
    let pts_90k = frames.get(target).map_or(0, |f| f.pts_90k);
    if let Some(damaged) = frames.iter().take(target + 1).find(|f| f.damaged) {
        return Err(StillError::Damaged {
            pts_90k,
            damaged_90k: damaged.pts_90k,
        });
    }
    let mut found = None;
    let mut on = |picture: Picture| {
        if picture.pts_90k == pts_90k {
            found = Some(picture);
        }
    };
    for (unit, _) in group_pictures(at.index, at.group, target + 1, source)? {
        decoder.push_unit(&unit, &mut on)?;
    }
    decoder.finish(&mut on);
    found.ok_or(StillError::NoPicture { pts_90k })
}

/// The metadata nearest to a picture, and how far away it is.
fn metadata(
    at: &At<'_>,
    pts_90k: u64,
    source: &dyn Source,
) -> Result<Option<(Metadata, i64)>, SpanError> {
    let bytes = read(source, &at.index.segment, at.group.offset, at.group.end)?;
    let mut muxer = Muxer::new(OnDamage::Show);
    let mut watch = Watch::recorded(at.index.context());
    let mut told = Vec::new();
    // Times as read here may be whole turns away from those of the index.
    let mut shift = None;
    let mut take = |seen| {
        muxer.take(seen, &mut |event| match event {
            Event::Metadata(m) if matches!(m.observation.body, Body::FmvMetadata(_)) => {
                told.push(m)
            }
            Event::Fragment(fragment) => {
                let first = at.group.first_pts_90k().unwrap_or(fragment.pts_90k);
                shift.get_or_insert(first.wrapping_sub(fragment.pts_90k).cast_signed());
            }
            _ => {}
        });
    };
    watch.push(
        &stuffed_tables(&at.index.tables, at.index.stride),
        &mut take,
    );
    watch.push(&bytes, &mut take);
    watch.finish(&mut take);
    let shift = shift.unwrap_or(0);
    let near = told.into_iter().filter_map(|m| {
        let pts = m.pts_90k?.saturating_add_signed(shift);
        (pts.abs_diff(pts_90k) <= NEAR_90K).then(|| {
            let distance = pts_90k.wrapping_sub(pts).cast_signed();
            (m, distance)
        })
    });
    Ok(near.min_by_key(|(_, distance)| distance.unsigned_abs()))
}

fn facts(
    at: &At<'_>,
    picture: &Picture,
    metadata: Option<(Metadata, i64)>,
    corners: &Corners<'_>,
    origin: &Origin,
) -> Facts {
    let seconds = |ticks: i64| ticks as f64 / 90_000.0;
    let body = metadata
        .as_ref()
        .and_then(|(m, _)| match &m.observation.body {
            Body::FmvMetadata(metadata) => Some(metadata),
            _ => None,
        });
    let observed = metadata.as_ref().and_then(|(m, distance)| {
        let at: Observed = m.observation.observed?;
        Some(at.plus_seconds(seconds(*distance)))
    });
    Facts {
        feed: at.index.feed.clone(),
        source: metadata.as_ref().map_or_else(
            || at.index.source.clone(),
            |(m, _)| m.observation.source.clone(),
        ),
        pts_90k: picture.pts_90k,
        observed,
        width: picture.width,
        height: picture.height,
        sensor: body.and_then(FmvMetadata::sensor_position),
        corners: body.and_then(corners),
        metadata_age_s: metadata.as_ref().map(|(_, distance)| seconds(*distance)),
        metadata: metadata.as_ref().map(|(m, _)| m.observation.id.clone()),
        made_from: vec![origin.clone()],
    }
}

/// A small picture of a time bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// The instant it stands for.
    pub at_90k: u64,
    /// When the picture was shown: at the random access point at or before the instant.
    pub pts_90k: u64,
    /// A JPEG of [`THUMBNAIL_WIDTH`] pixels, and what it was made of.
    pub derived: Derived,
}

/// Small pictures, evenly spread from `from_90k` to `to_90k`. Where nothing can be shown there is none; instants of the same random
/// access point share a picture.
///
/// # Errors
/// When more than [`MAX_THUMBNAILS`] are asked for, or the video cannot be decoded at all.
pub fn thumbnails(
    span: &Span,
    from_90k: u64,
    to_90k: u64,
    count: usize,
    source: &dyn Source,
) -> Result<Vec<Thumbnail>, StillError> {
    if count > MAX_THUMBNAILS {
        return Err(StillError::Span(SpanError::TooMuch {
            what: "thumbnails",
            count: count as u64,
            most: MAX_THUMBNAILS as u64,
        }));
    }
    let length = to_90k.saturating_sub(from_90k);
    let mut thumbnails: Vec<Thumbnail> = Vec::with_capacity(count);
    for n in 0..count as u64 {
        // The middle of the n-th part.
        let at_90k =
            from_90k + (u128::from(length) * u128::from(2 * n + 1) / (2 * count as u128)) as u64;
        let Ok(needed) = span.needed(at_90k, at_90k) else {
            continue;
        };
        let Some(at) = needed.last() else { continue };
        let pts_90k = at.group.first_pts_90k().unwrap_or(at_90k);
        if let Some(last) = thumbnails.last().filter(|t| t.pts_90k == pts_90k) {
            let derived = last.derived.clone();
            thumbnails.push(Thumbnail {
                at_90k,
                pts_90k,
                derived,
            });
            continue;
        }
        match thumbnail(at, source) {
            Ok(derived) => thumbnails.push(Thumbnail {
                at_90k,
                pts_90k,
                derived,
            }),
            Err(error @ StillError::Decode(DecodeError::Codec { .. })) => return Err(error),
            // A picture that is damaged leaves its place empty.
            Err(_) => {}
        }
    }
    Ok(thumbnails)
}

fn thumbnail(at: &At<'_>, source: &dyn Source) -> Result<Derived, StillError> {
    let picture = decode(at, 0, source)?;
    let bytes = encode::thumbnail(&picture, THUMBNAIL_WIDTH)?;
    let end = at.group.frames.get(1).and_then(|f| f.offset);
    Ok(Derived::new(
        bytes,
        vec![Origin {
            segment: at.index.segment,
            first: at.group.offset,
            end: end.unwrap_or(at.group.end),
        }],
    ))
}
