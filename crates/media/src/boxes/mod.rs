//! Boxes of ISO/IEC 14496-12 (ISO base media file format), as CMAF (ISO/IEC 23000-19 §7) narrows them.
//!
//! ```text
//! header, once a stream and again when its parameter sets change:
//!   ftyp  iso6, compatible with cmfc, cmf2, mp41
//!   moov
//!     mvhd
//!     trak
//!       tkhd  mdia( mdhd  hdlr  minf( vmhd  dinf( dref( url ))  stbl( stsd( avc1( avcC ) | hvc1( hvcC ))  stts stsc stsz stco )))
//!     mvex( trex )
//! chunk, one a picture:
//!   moof
//!     mfhd  its number
//!     traf( tfhd  tfdt  trun )
//!   mdat    one sample: NAL units behind their lengths (ISO/IEC 14496-15 §4.3.2)
//! ```
//!
//! The boxes are written by `mp4-atom`. Times are in units of 1/90,000 s, as the transport stream has them; composition
//! offsets are signed (`trun` version 1), so that no edit list is needed and a sample's composition time is its PTS.

use mp4_atom::{
    Avc1, Dinf, Dref, DrefEntry, Encode, FourCC, Ftyp, Hdlr, Hvc1, Mdhd, Mdia, Mfhd, Minf, Moof,
    Moov, Mvex, Mvhd, Stbl, Stco, Stsd, Tfdt, Tfhd, Tkhd, Traf, Trak, Trex, Trun, TrunEntry, Url,
    Vmhd,
};

use crate::track::{Description, SampleEntry};

/// Units of a second in every box.
pub const TIMESCALE: u32 = 90_000;
/// The one track.
pub const TRACK: u32 = 1;
/// Bytes of a box's size and type.
const BOX_HEADER: usize = 8;
/// A sample that others do not depend on being decoded before (ISO/IEC 14496-12 §8.8.3.1): `sample_depends_on` 2.
const SYNC: u32 = 0x0200_0000;
/// One that depends on others: `sample_depends_on` 1, `sample_is_non_sync_sample` 1.
const NON_SYNC: u32 = 0x0101_0000;

/// A box that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum BoxError {
    /// A value does not fit its field.
    #[error("writing a box: {0}")]
    Write(#[from] mp4_atom::Error),
    /// A fragment beyond what the format can address.
    #[error("a fragment of {bytes} bytes, expected at most 2^31 - 1")]
    TooLarge {
        /// How many bytes it would have.
        bytes: usize,
    },
}

/// One sample of a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Bytes.
    pub bytes: u32,
    /// Until the next is decoded.
    pub duration_90k: u32,
    /// From decoding to showing.
    pub composition_offset_90k: i64,
    /// Decoding can begin here.
    pub random_access: bool,
}

/// The header of a fragmented stream: `ftyp` and `moov`.
///
/// # Errors
/// When a value does not fit its field.
pub fn header(description: &Description) -> Result<Vec<u8>, BoxError> {
    let mut bytes = Vec::with_capacity(1024);
    ftyp(b"iso6").encode(&mut bytes)?;
    let moov = Moov {
        mvhd: mvhd(0),
        mvex: Some(Mvex {
            mehd: None,
            trex: vec![Trex {
                track_id: TRACK,
                default_sample_description_index: 1,
                ..Trex::default()
            }],
        }),
        trak: vec![trak(std::slice::from_ref(description), 0, Stbl::default())],
        ..Moov::default()
    };
    moov.encode(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn ftyp(major: &[u8; 4]) -> Ftyp {
    let brand = |b: &[u8; 4]| FourCC::new(b);
    let mut compatible_brands = vec![
        brand(b"iso6"),
        brand(b"cmfc"),
        brand(b"cmf2"),
        brand(b"mp41"),
    ];
    if major == b"isom" {
        compatible_brands = vec![brand(b"isom"), brand(b"iso2"), brand(b"mp41")];
    }
    Ftyp {
        major_brand: brand(major),
        minor_version: 0,
        compatible_brands,
    }
}

pub(crate) fn mvhd(duration_90k: u64) -> Mvhd {
    Mvhd {
        timescale: TIMESCALE,
        duration: duration_90k,
        rate: 1.into(),
        volume: 1.into(),
        next_track_id: TRACK + 1,
        ..Mvhd::default()
    }
}

/// The track with its sample entries, and the tables of `stbl` besides these.
pub(crate) fn trak(descriptions: &[Description], duration_90k: u64, tables: Stbl) -> Trak {
    let (width, height) = descriptions.first().map_or((0, 0), |d| (d.width, d.height));
    let codecs = descriptions.iter().map(|d| match &d.entry {
        SampleEntry::Avc(avcc) => mp4_atom::Codec::Avc1(Avc1 {
            visual: visual(d),
            avcc: avcc.clone(),
            ..Avc1::default()
        }),
        SampleEntry::Hevc(hvcc) => mp4_atom::Codec::Hvc1(Hvc1 {
            visual: visual(d),
            hvcc: hvcc.clone(),
            ..Hvc1::default()
        }),
    });
    Trak {
        tkhd: Tkhd {
            track_id: TRACK,
            duration: duration_90k,
            enabled: true,
            in_movie: true,
            width: width.into(),
            height: height.into(),
            ..Tkhd::default()
        },
        mdia: Mdia {
            mdhd: Mdhd {
                timescale: TIMESCALE,
                duration: duration_90k,
                language: "und".to_owned(),
                ..Mdhd::default()
            },
            hdlr: Hdlr {
                handler: FourCC::new(b"vide"),
                name: "truceline".to_owned(),
            },
            minf: Minf {
                vmhd: Some(Vmhd::default()),
                dinf: Dinf {
                    dref: Dref {
                        entries: vec![DrefEntry::Url(Url::default())],
                    },
                },
                stbl: Stbl {
                    stsd: Stsd {
                        codecs: codecs.collect(),
                    },
                    stco: tables
                        .stco
                        .or_else(|| tables.co64.is_none().then(Stco::default)),
                    ..tables
                },
                ..Minf::default()
            },
        },
        ..Trak::default()
    }
}

fn visual(description: &Description) -> mp4_atom::Visual {
    mp4_atom::Visual {
        data_reference_index: 1,
        width: description.width,
        height: description.height,
        ..mp4_atom::Visual::default()
    }
}

/// A fragment: `moof` and `mdat`. `data` are the samples' bytes, one after the other.
///
/// # Errors
/// When it is larger than the format can address.
pub fn fragment(
    number: u32,
    media_dts_90k: u64,
    samples: &[Sample],
    data: &[u8],
) -> Result<Vec<u8>, BoxError> {
    let too_large = || BoxError::TooLarge { bytes: data.len() };
    let mdat_bytes = data.len().checked_add(BOX_HEADER).ok_or_else(too_large)?;
    let mdat_size = u32::try_from(mdat_bytes).map_err(|_| too_large())?;
    let moof = |data_offset| Moof {
        mfhd: Mfhd {
            sequence_number: number,
        },
        traf: vec![Traf {
            tfhd: Tfhd {
                track_id: TRACK,
                default_base_is_moof: true,
                ..Tfhd::default()
            },
            tfdt: Some(Tfdt {
                base_media_decode_time: media_dts_90k,
            }),
            trun: vec![Trun {
                data_offset: Some(data_offset),
                samples: samples.iter().map(entry).collect::<Vec<_>>().into(),
            }],
            ..Traf::default()
        }],
    };
    let mut bytes = Vec::with_capacity(mdat_bytes + 128 + samples.len() * 16);
    moof(0).encode(&mut bytes)?;
    // The size of the box does not depend on the offset's value.
    let data_offset = i32::try_from(bytes.len() + BOX_HEADER).map_err(|_| too_large())?;
    bytes.clear();
    moof(data_offset).encode(&mut bytes)?;
    bytes.extend(mdat_size.to_be_bytes());
    bytes.extend(b"mdat");
    bytes.extend_from_slice(data);
    Ok(bytes)
}

fn entry(sample: &Sample) -> TrunEntry {
    TrunEntry {
        duration: Some(sample.duration_90k),
        size: Some(sample.bytes),
        flags: Some(if sample.random_access { SYNC } else { NON_SYNC }),
        cts: Some(sample.composition_offset_90k),
    }
}
