//! A part of a segment, read alone.

use truceline_domain::Sha256;
use truceline_intake::fmv::{AccessUnit, Seen, Watch};

use super::{Group, Index, Source, SpanError};
use crate::track::ParameterSets;

const PACKET: usize = 188;
/// The values 33 bits can hold.
const TURN_90K: u64 = 1 << 33;

/// The transport packets of tables at a segment's stride: behind four bytes of arrival time (zero) where packets take 192, before sixteen
/// of parity (zero) where they take 204.
pub(crate) fn stuffed_tables(tables: &[u8], stride: usize) -> Vec<u8> {
    let lead = if stride == 192 { 4 } else { 0 };
    let tail = stride.saturating_sub(PACKET + lead);
    let packets = tables.chunks_exact(PACKET);
    packets
        .flat_map(|p| [&[0; 4][..lead], p, &[0; 16][..tail.min(16)]].concat())
        .collect()
}

/// By how many whole turns of 33 bits a time stamp is to be moved to lie nearest to a known one.
pub(crate) fn shift_pts(pts_90k: u64, near_90k: u64) -> i64 {
    let distance = i128::from(near_90k) - i128::from(pts_90k);
    let turn = i128::from(TURN_90K);
    let turns = (distance + turn / 2).div_euclid(turn);
    i64::try_from(turns * turn).unwrap_or(0)
}

/// The pictures of a group, up to `frames` of them, as they stand in the segment: access units, and samples of a file.
///
/// # Errors
/// When the segment cannot be read, or is not what the index says.
pub(crate) fn group_pictures(
    index: &Index,
    group: &Group,
    frames: usize,
    source: &dyn Source,
) -> Result<Vec<(AccessUnit, Vec<u8>)>, SpanError> {
    // A picture is whole when the next one begins.
    let end = group
        .frames
        .get(frames)
        .and_then(|f| f.offset)
        .map_or(group.end, |o| o + (2 * index.stride) as u64);
    let end = end.min(group.end);
    let bytes = read(source, &index.segment, group.offset, end)?;
    let changed = || SpanError::Changed {
        segment: index.segment,
        offset: group.offset,
    };
    let mut units = Vec::new();
    let mut watch = Watch::recorded(index.context());
    let mut take = |seen| {
        if let Seen::AccessUnit(unit) = seen {
            units.push(unit);
        }
    };
    watch.push(&stuffed_tables(&index.tables, index.stride), &mut take);
    watch.push(&bytes, &mut take);
    watch.finish(&mut take);
    let mut sets = ParameterSets::default();
    let mut pictures = Vec::new();
    for unit in units {
        if let Some(sample) = sets.take(&unit) {
            pictures.push((unit, sample.bytes));
        }
    }
    pictures.truncate(frames);
    let as_told = pictures.len() == frames.min(group.frames.len())
        && pictures
            .iter()
            .zip(&group.frames)
            .all(|((_, sample), frame)| sample.len() == frame.bytes as usize);
    if !as_told {
        return Err(changed());
    }
    for ((unit, _), frame) in pictures.iter_mut().zip(&group.frames) {
        unit.pts_90k = Some(frame.pts_90k);
        unit.dts_90k = Some(frame.dts_90k);
    }
    Ok(pictures)
}

pub(crate) fn read(
    source: &dyn Source,
    segment: &Sha256,
    from: u64,
    to: u64,
) -> Result<Vec<u8>, SpanError> {
    let failed = |reason| SpanError::Read {
        segment: *segment,
        from,
        to,
        reason,
    };
    let bytes = source.read(segment, from, to).map_err(failed)?;
    if bytes.len() as u64 == to.saturating_sub(from) {
        Ok(bytes)
    } else {
        Err(failed(format!("{} bytes came", bytes.len())))
    }
}
