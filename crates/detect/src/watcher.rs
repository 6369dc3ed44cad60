//! From coded pictures to detections, in one stream.

use truceline_domain::{Observation, SourceId};
use truceline_intake::fmv::{AccessUnit, Codec};
use truceline_media::decode::{DecodeError, Picture, PictureDecoder};

use crate::{Detection, Detector, Looks, Options, Telemetry};

/// Packets of metadata kept for the pictures they belong to: B pictures and reordering take a second or two.
const MOST_PACKETS: usize = 64;

/// What a watcher tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// Something was seen.
    Detection(Box<Detection>),
    /// So many coded pictures were not looked at, because the watcher had fallen behind.
    Skipped(u64),
    /// A picture could not be decoded. Told once for a run of them.
    Fault(DecodeError),
}

/// Decodes the coded pictures of one stream and looks at them.
pub struct Watcher {
    detector: Detector,
    decoder: Option<(Codec, PictureDecoder)>,
    /// Codecs refused are told once.
    refused: Option<Codec>,
    telemetry: Vec<Telemetry>,
    /// The last picture failed.
    failing: bool,
}

impl Watcher {
    /// At the start of a stream of `source`.
    #[must_use]
    pub fn new(source: SourceId, options: Options) -> Self {
        Self {
            detector: Detector::new(source, options),
            decoder: None,
            refused: None,
            telemetry: vec![],
            failing: false,
        }
    }

    /// How much was looked at so far.
    #[must_use]
    pub fn looks(&self) -> Looks {
        self.detector.looks()
    }

    /// Takes metadata (an `fmv.metadata` observation; anything else is passed over). It goes with the pictures after it.
    pub fn metadata(&mut self, observation: &Observation) {
        if let Some(telemetry) = Telemetry::of(observation) {
            if self.telemetry.len() >= MOST_PACKETS {
                self.telemetry.remove(0);
            }
            self.telemetry.push(telemetry);
        }
    }

    /// Takes a coded picture.
    pub fn unit(&mut self, unit: &AccessUnit, tell: &mut dyn FnMut(Told)) {
        let Some(decoder) = self.decoder_for(unit.codec, tell) else {
            return;
        };
        let mut pictures = vec![];
        let done = decoder.push_unit(unit, &mut |picture| pictures.push(picture));
        self.look(&pictures, tell);
        match done {
            Err(why) if !std::mem::replace(&mut self.failing, true) => tell(Told::Fault(why)),
            Err(_) => {}
            Ok(()) => self.failing = self.failing && pictures.is_empty(),
        }
    }

    /// So many coded pictures were let go; the next begins a new run.
    pub fn skip(&mut self, pictures: u64, tell: &mut dyn FnMut(Told)) {
        self.drain(tell);
        tell(Told::Skipped(pictures));
    }

    /// The stream ends: what the decoder holds back is looked at.
    pub fn finish(&mut self, tell: &mut dyn FnMut(Told)) {
        self.drain(tell);
    }

    fn drain(&mut self, tell: &mut dyn FnMut(Told)) {
        let mut pictures = vec![];
        if let Some((_, decoder)) = &mut self.decoder {
            decoder.finish(&mut |picture| pictures.push(picture));
        }
        self.look(&pictures, tell);
    }

    fn decoder_for(
        &mut self,
        codec: Codec,
        tell: &mut dyn FnMut(Told),
    ) -> Option<&mut PictureDecoder> {
        if self
            .decoder
            .as_ref()
            .is_none_or(|(known, _)| *known != codec)
        {
            self.decoder = None;
            match PictureDecoder::new(codec) {
                Ok(decoder) => self.decoder = Some((codec, decoder)),
                Err(why) if self.refused != Some(codec) => {
                    self.refused = Some(codec);
                    tell(Told::Fault(why));
                }
                Err(_) => {}
            }
        }
        self.decoder.as_mut().map(|(_, decoder)| decoder)
    }

    fn look(&mut self, pictures: &[Picture], tell: &mut dyn FnMut(Told)) {
        for picture in pictures {
            let telemetry = self.telemetry.iter().rev();
            // The last packet that is not younger than the picture; those without time stamp belong to what comes with them.
            let fits = |t: &&Telemetry| t.pts_90k().is_none_or(|pts| pts <= picture.pts_90k);
            let telemetry = telemetry
                .clone()
                .find(fits)
                .or_else(|| self.telemetry.first());
            for detection in self.detector.push_picture(picture, telemetry) {
                tell(Told::Detection(Box::new(detection)));
            }
        }
    }
}
