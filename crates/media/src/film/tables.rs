//! The tables of a film's samples.

use mp4_atom::{
    Co64, Ctts, CttsEntry, Edts, Elst, ElstEntry, Encode, Moov, Stbl, Stco, Stsc, StscEntry, Stss,
    Stsz, StszSamples, Stts, SttsEntry,
};

use crate::boxes::{BoxError, ftyp, mvhd, trak};
use crate::span::At;
use crate::timeline::{Placed, Timeline};
use crate::track::Description;

/// What is collected of samples.
pub(super) struct Tables {
    from_90k: u64,
    descriptions: Vec<Description>,
    first: Option<Placed>,
    last: Option<Placed>,
    /// The latest end of a picture, on the timeline and by the feed's clock.
    end_90k: u64,
    ends_90k: u64,
    /// When the wanted instant comes, on the timeline.
    shown_from: Option<(u64, u64)>,
    stts: Vec<SttsEntry>,
    ctts: Vec<CttsEntry>,
    stss: Vec<u32>,
    sizes: Vec<u32>,
    /// Of each chunk: samples, description (from 1), bytes.
    chunks: Vec<(u32, u32, u64)>,
}

impl Tables {
    pub(super) fn new(from_90k: u64) -> Self {
        Self {
            from_90k,
            descriptions: Vec::new(),
            first: None,
            last: None,
            end_90k: 0,
            ends_90k: 0,
            shown_from: None,
            stts: Vec::new(),
            ctts: Vec::new(),
            stss: Vec::new(),
            sizes: Vec::new(),
            chunks: Vec::new(),
        }
    }

    pub(super) fn frames(&self) -> u64 {
        self.sizes.len() as u64
    }

    pub(super) fn starts_90k(&self) -> u64 {
        self.first.map_or(0, |p| p.pts_90k)
    }

    pub(super) fn shown_from_90k(&self) -> u64 {
        self.shown_from.map_or(0, |(pts, _)| pts)
    }

    pub(super) fn ends_90k(&self) -> u64 {
        self.ends_90k
    }

    /// Adds the first `frames` pictures of a group; gives how many bytes its samples have.
    pub(super) fn chunk(&mut self, at: &At<'_>, frames: usize, timeline: &mut Timeline) -> u64 {
        let description = self.description(at);
        let mut bytes = 0;
        let mut samples = 0;
        for frame in at.group.frames.iter().take(frames) {
            let placed = timeline.place_at(frame.dts_90k, frame.pts_90k);
            if let Some(last) = self.last {
                self.duration(placed.media_dts_90k.saturating_sub(last.media_dts_90k));
            }
            self.first.get_or_insert(placed);
            self.last = Some(placed);
            self.place(&placed);
            self.sizes.push(frame.bytes);
            if frame.random_access {
                self.stss.push(self.number());
            }
            bytes += u64::from(frame.bytes);
            samples += 1;
        }
        self.chunks.push((samples, description, bytes));
        bytes
    }

    /// The number of the last sample, from 1.
    fn number(&self) -> u32 {
        u32::try_from(self.sizes.len()).unwrap_or(u32::MAX)
    }

    fn description(&mut self, at: &At<'_>) -> u32 {
        let Some(description) = at.index.descriptions.get(at.group.description) else {
            return 1;
        };
        let known = self.descriptions.iter().position(|d| d == description);
        let at = known.unwrap_or_else(|| {
            self.descriptions.push(description.clone());
            self.descriptions.len() - 1
        });
        u32::try_from(at + 1).unwrap_or(1)
    }

    fn place(&mut self, placed: &Placed) {
        let media = placed.media_90k();
        let duration = u64::from(placed.duration_90k);
        self.end_90k = self.end_90k.max(media + duration);
        self.ends_90k = self.ends_90k.max(placed.pts_90k + duration);
        // The instant falls into the last picture that begins at or before it; before the first it is the first's.
        let wanted = if placed.pts_90k <= self.from_90k {
            let into = (self.from_90k - placed.pts_90k).min(duration);
            Some((placed.pts_90k + into, media + into))
        } else {
            None
        };
        let better = match (wanted, self.shown_from) {
            (Some(new), Some(old)) if old.0 <= self.from_90k => new.0 > old.0,
            (Some(_), _) => true,
            (None, Some(old)) => old.0 > self.from_90k && placed.pts_90k < old.0,
            (None, None) => true,
        };
        if better {
            self.shown_from = Some(wanted.unwrap_or((placed.pts_90k, media)));
        }
        let sample_offset = placed.composition_offset();
        match self.ctts.last_mut() {
            Some(run) if run.sample_offset == sample_offset => run.sample_count += 1,
            _ => self.ctts.push(CttsEntry {
                sample_count: 1,
                sample_offset,
            }),
        }
    }

    fn duration(&mut self, ticks: u64) {
        let sample_delta = u32::try_from(ticks).unwrap_or(u32::MAX);
        match self.stts.last_mut() {
            Some(run) if run.sample_delta == sample_delta => run.sample_count += 1,
            _ => self.stts.push(SttsEntry {
                sample_count: 1,
                sample_delta,
            }),
        }
    }

    /// The head of the file up to the samples, and where each chunk stands.
    pub(super) fn write(&mut self) -> Result<(Vec<u8>, Vec<u64>), BoxError> {
        if let Some(last) = self.last {
            self.duration(u64::from(last.duration_90k));
        }
        let media: u64 = self.chunks.iter().map(|(_, _, bytes)| bytes).sum();
        let small = self.head(&vec![0; self.chunks.len()], media, false)?;
        // A 32-bit place is enough when the whole file is below 4 GiB.
        let large = small.len() as u64 + media > u64::from(u32::MAX);
        let head_bytes = match large {
            true => self.head(&vec![0; self.chunks.len()], media, true)?.len(),
            false => small.len(),
        };
        let mut at = head_bytes as u64;
        let mut places = Vec::with_capacity(self.chunks.len());
        for (_, _, bytes) in &self.chunks {
            places.push(at);
            at += bytes;
        }
        Ok((self.head(&places, media, large)?, places))
    }

    fn head(&self, places: &[u64], media: u64, large: bool) -> Result<Vec<u8>, BoxError> {
        let mut bytes = Vec::new();
        ftyp(b"isom").encode(&mut bytes)?;
        self.moov(places, large).encode(&mut bytes)?;
        // The size of a large box stands behind its type (ISO/IEC 14496-12 §4.2.2).
        if large {
            bytes.extend(1_u32.to_be_bytes());
            bytes.extend(b"mdat");
            bytes.extend((media + 16).to_be_bytes());
        } else {
            // Below 2^32: the whole file is.
            let size = u32::try_from(media + 8).unwrap_or(u32::MAX);
            bytes.extend(size.to_be_bytes());
            bytes.extend(b"mdat");
        }
        Ok(bytes)
    }

    fn moov(&self, places: &[u64], large: bool) -> Moov {
        let start = self.first.map_or(0, |p| p.media_dts_90k);
        let shown_from = self.shown_from.map_or(start, |(_, media)| media);
        let shown = self.end_90k.saturating_sub(shown_from);
        let (mut stco, mut co64) = (None, None);
        if large {
            co64 = Some(Co64 {
                entries: places.to_vec(),
            });
        } else {
            let entries = places.iter().map(|p| u32::try_from(*p).unwrap_or(u32::MAX));
            stco = Some(Stco {
                entries: entries.collect(),
            });
        }
        let tables = Stbl {
            stts: Stts {
                entries: self.stts.clone(),
            },
            ctts: self
                .ctts
                .iter()
                .any(|c| c.sample_offset != 0)
                .then(|| Ctts {
                    entries: self.ctts.clone(),
                }),
            stss: Some(Stss {
                entries: self.stss.clone(),
            }),
            stsc: self.stsc(),
            stsz: Stsz {
                samples: StszSamples::Different {
                    sizes: self.sizes.clone(),
                },
            },
            stco,
            co64,
            ..Stbl::default()
        };
        let media_duration = self.end_90k.saturating_sub(start);
        let mut trak = trak(&self.descriptions, shown, tables);
        trak.mdia.mdhd.duration = media_duration;
        trak.edts = Some(Edts {
            elst: Some(Elst {
                entries: vec![ElstEntry {
                    segment_duration: shown,
                    media_time: Some(shown_from.saturating_sub(start)),
                    media_rate: 1.into(),
                }],
            }),
        });
        Moov {
            mvhd: mvhd(shown),
            trak: vec![trak],
            ..Moov::default()
        }
    }

    /// An entry wherever a chunk has another number of samples or another description than the one before.
    fn stsc(&self) -> Stsc {
        let mut entries: Vec<StscEntry> = Vec::new();
        for (&(samples, description, _), first_chunk) in self.chunks.iter().zip(1..) {
            let same = entries.last().is_some_and(|e| {
                e.samples_per_chunk == samples && e.sample_description_index == description
            });
            if !same {
                entries.push(StscEntry {
                    first_chunk,
                    samples_per_chunk: samples,
                    sample_description_index: description,
                });
            }
        }
        Stsc { entries }
    }
}
