//! H.264 access units to pictures, for stills, thumbnails and the detector.
//!
//! Standard: ITU-T H.264 (ISO/IEC 14496-10), Annex B byte stream. The decoder is Cisco's OpenH264 (BSD-2-Clause),
//! compiled from source with the build, through the `openh264` crate: Baseline (without arbitrary slice order), Main and
//! High profile, progressive, 8 bits, 4:2:0 or monochrome, with B pictures. **Not decoded**, each with an error in words:
//! HEVC and MPEG-2 (no kept decoder with a fitting licence), interlaced pictures, data partitions, more than 8 bits.
//!
//! **Trust.** OpenH264 is C++, and what it reads comes from feeds that an adversary may write. Against that: only base
//! layer slices and parameter sets reach it (no messages, no scalable or multiview layers, in which its holes of the
//! past lay); parameters are judged here, in Rust, before it allocates for them; the access unit and the memory it may ask
//! for are bounded; it runs without error concealment, and after any error it is thrown away and begun anew. A hole in it
//! could still do in this process what the process may; who cannot live with that turns detection and stills off,
//! and recording, which never decodes, goes on.
//!
//! **Determinism.** The same access units give the same pictures on every machine: H.264 decoding is exact in integers.

mod error;
mod parameters;
mod picture;
mod unit;

use openh264::OpenH264API;
use openh264::decoder::{DecodeOptions, DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;
use truceline_intake::fmv::{AccessUnit, Codec};

pub use self::error::DecodeError;
use self::parameters::Parameters;
pub use self::picture::{Colour, Matrix, Picture};
use self::unit::Kind;

/// Widest coded picture that is decoded, pixels.
pub const MAX_WIDTH: u64 = 4096;
/// Highest coded picture that is decoded, pixels.
pub const MAX_HEIGHT: u64 = 2304;
/// Most macroblocks of all pictures kept for reference: `MaxDpbMbs` of level 5.1 (ITU-T H.264 table A-1), 70 MB.
pub const MAX_REFERENCE_MACROBLOCKS: u64 = 184_320;
/// Largest access unit that is decoded. A picture of the largest size at 1 bit a pixel has 1.2 MB; a thirtieth of a second
/// of the highest bit rate of level 5.1 (240 Mb/s, ITU-T H.264 table A-1) has 1 MB.
pub const MAX_ACCESS_UNIT_BYTES: usize = 8 << 20;
/// A decoder holds back no more pictures than it may keep (`MaxDpbFrames`, ITU-T H.264 §A.3.1).
const MAX_HELD: usize = 16;

/// How many access units became what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pushed.
    pub access_units: u64,
    /// Pictures that came out.
    pub pictures: u64,
    /// Passed over while waiting for a random access point.
    pub skipped: u64,
    /// Refused with an error.
    pub failed: u64,
}

/// Decodes the access units of one video stream.
///
/// ```
/// use truceline_intake::fmv::Codec;
/// use truceline_media::decode::{DecodeError, PictureDecoder};
/// let mut decoder = PictureDecoder::new(Codec::H264)?;
/// // Bytes that are no video give no picture and do no harm: the decoder waits for a random access point.
/// decoder.push(b"garbage", 0, &mut |_| unreachable!())?;
/// assert_eq!(decoder.counts().skipped, 1);
/// assert!(PictureDecoder::new(Codec::Hevc).is_err());
/// # Ok::<(), DecodeError>(())
/// ```
pub struct PictureDecoder {
    /// `None` while waiting for a random access point.
    decoder: Option<Decoder>,
    /// Time stamps of access units whose pictures are still within, in order of presentation.
    held_90k: Vec<u64>,
    last_90k: u64,
    colour: Colour,
    counts: Counts,
    /// What goes to the decoder of the access unit in hand.
    bytes: Vec<u8>,
}

/// What an access unit consists of.
#[derive(Default)]
struct Content {
    idr: bool,
    slices: bool,
    parameters: Option<Parameters>,
}

impl PictureDecoder {
    /// A decoder at the start of a stream.
    ///
    /// # Errors
    /// [`DecodeError::Codec`] for any codec but H.264.
    pub fn new(codec: Codec) -> Result<Self, DecodeError> {
        if codec != Codec::H264 {
            return Err(DecodeError::Codec { codec });
        }
        Ok(Self {
            decoder: None,
            held_90k: vec![],
            last_90k: 0,
            colour: Colour {
                full_range: false,
                matrix: Matrix::Bt601,
            },
            counts: Counts::default(),
            bytes: vec![],
        })
    }

    /// What was pushed and came out so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes one access unit as the feed's reader tells it, like [`push`](Self::push). One that is damaged is not decoded, nor
    /// are those after it up to the next random access point; one without a time stamp is given the last one's, and a bit.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_unit(
        &mut self,
        unit: &AccessUnit,
        on: &mut dyn FnMut(Picture),
    ) -> Result<(), DecodeError> {
        let pts_90k = unit.pts_90k.unwrap_or(self.last_90k.saturating_add(1));
        if unit.damaged {
            self.reset();
        }
        self.push_nal_units(unit.nal_units(), pts_90k, on)
    }

    /// Takes one access unit, whole, with start codes, and its presentation time stamp (90 kHz, unwrapped). Pictures go to
    /// `on` in order of presentation; with B pictures they come some access units later ([`finish`](Self::finish) gives
    /// the last).
    ///
    /// Decoding begins at an access unit with an IDR picture or a sequence parameter set, those before it are passed over.
    ///
    /// # Errors
    /// See [`DecodeError`]. The access unit is lost, and those after it up to the next random access point.
    pub fn push(
        &mut self,
        annex_b: &[u8],
        pts_90k: u64,
        on: &mut dyn FnMut(Picture),
    ) -> Result<(), DecodeError> {
        self.push_nal_units(unit::units(annex_b), pts_90k, on)
    }

    /// Takes one access unit as its NAL units, each from its header byte on, like [`push`](Self::push).
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_nal_units<'a>(
        &mut self,
        units: impl IntoIterator<Item = &'a [u8]>,
        pts_90k: u64,
        on: &mut dyn FnMut(Picture),
    ) -> Result<(), DecodeError> {
        self.counts.access_units += 1;
        self.last_90k = pts_90k;
        let done = self.decode(units, pts_90k, on);
        if done.is_err() {
            self.counts.failed += 1;
            self.reset();
        }
        done
    }

    /// Gives the pictures held back for their order. Decoding goes on at the next random access point.
    pub fn finish(&mut self, on: &mut dyn FnMut(Picture)) {
        self.flush(on);
        self.reset();
    }

    /// Forgets all pictures: the next access unit does not follow the last.
    pub fn reset(&mut self) {
        self.decoder = None;
        self.held_90k.clear();
    }

    fn decode<'a>(
        &mut self,
        units: impl IntoIterator<Item = &'a [u8]>,
        pts_90k: u64,
        on: &mut dyn FnMut(Picture),
    ) -> Result<(), DecodeError> {
        let content = self.sort(units, pts_90k)?;
        let begins = content.idr || content.parameters.is_some();
        if !content.slices || (self.decoder.is_none() && !begins) {
            self.counts.skipped += 1;
            return Ok(());
        }
        if content.idr {
            // Nothing after an IDR picture is presented before it (ITU-T H.264 §7.4.1.2.4).
            self.flush(on);
            if !self.held_90k.is_empty() && content.parameters.is_some() {
                // A picture before it never came: what damaged it may have damaged the decoder's state.
                self.decoder = None;
            }
            self.held_90k.clear();
        }
        if let Some(parameters) = content.parameters {
            self.colour = parameters.colour;
        }
        if self.held_90k.len() >= MAX_HELD {
            // The decoder let one go without a word.
            self.held_90k.remove(0);
        }
        let place = self.held_90k.partition_point(|&held| held <= pts_90k);
        self.held_90k.insert(place, pts_90k);
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            none => none.insert(new_decoder()?),
        };
        let options = DecodeOptions::new().flush_after_decode(Flush::NoFlush);
        let decoded = decoder
            .decode_with_options(&self.bytes, options)
            .map_err(|e| DecodeError::Corrupt {
                pts_90k,
                native_code: e.native_code(),
            })?;
        if let Some(yuv) = decoded
            && let Some(picture) = copy(&yuv, self.colour, &mut self.held_90k)
        {
            self.counts.pictures += 1;
            on(picture);
        }
        Ok(())
    }

    /// Takes from an access unit what the decoder is to see.
    fn sort<'a>(
        &mut self,
        units: impl IntoIterator<Item = &'a [u8]>,
        pts_90k: u64,
    ) -> Result<Content, DecodeError> {
        self.bytes.clear();
        let mut content = Content::default();
        for unit in units {
            match unit::kind(unit) {
                Kind::Slice { idr } => {
                    content.slices = true;
                    content.idr |= idr;
                }
                Kind::Sequence => content.parameters = Some(Parameters::read(unit, pts_90k)?),
                Kind::Picture => {}
                Kind::Partition => {
                    let what = "cut into data partitions";
                    return Err(DecodeError::Unsupported { pts_90k, what });
                }
                Kind::Other => continue,
            }
            if self.bytes.len() + unit.len() > MAX_ACCESS_UNIT_BYTES {
                return Err(DecodeError::Oversized {
                    pts_90k,
                    max_bytes: MAX_ACCESS_UNIT_BYTES,
                });
            }
            self.bytes.extend_from_slice(&[0, 0, 0, 1]);
            self.bytes.extend_from_slice(unit);
        }
        Ok(content)
    }

    fn flush(&mut self, on: &mut dyn FnMut(Picture)) {
        let Some(decoder) = &mut self.decoder else {
            return;
        };
        // What cannot be had from a decoder at its end is lost without harm.
        for yuv in decoder.flush_remaining().unwrap_or_default() {
            if let Some(picture) = copy(&yuv, self.colour, &mut self.held_90k) {
                self.counts.pictures += 1;
                on(picture);
            }
        }
    }
}

fn new_decoder() -> Result<Decoder, DecodeError> {
    Decoder::with_api_config(OpenH264API::from_source(), DecoderConfig::new()).map_err(|e| {
        DecodeError::Setup {
            native_code: e.native_code(),
        }
    })
}

/// Copies a picture out of the decoder and gives it the earliest time stamp held. `None` when its planes are not what its
/// size says, or nothing is held.
fn copy(yuv: &DecodedYUV<'_>, colour: Colour, held_90k: &mut Vec<u64>) -> Option<Picture> {
    if held_90k.is_empty() {
        return None;
    }
    let pts_90k = held_90k.remove(0);
    let (width, height) = yuv.dimensions();
    let (stride_y, stride_u, stride_v) = yuv.strides();
    Some(Picture {
        width,
        height,
        luma: plane(yuv.y(), stride_y, width, height)?,
        chroma_u: plane(yuv.u(), stride_u, width / 2, height / 2)?,
        chroma_v: plane(yuv.v(), stride_v, width / 2, height / 2)?,
        colour,
        pts_90k,
    })
}

fn plane(from: &[u8], stride: usize, width: usize, height: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(width * height);
    for row in from.chunks(stride.max(1)).take(height) {
        out.extend_from_slice(row.get(..width)?);
    }
    (out.len() == width * height).then_some(out)
}
