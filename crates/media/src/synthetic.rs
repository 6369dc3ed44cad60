//! H.264 out of pictures, for tests and measurements. No part of a centre encodes video.

use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Encoder, EncoderConfig, FrameRate, IntraFramePeriod, RateControlMode, UsageType,
};
use openh264::formats::YUVSlices;

use crate::decode::Picture;

/// Encodes pictures as H.264 Constrained Baseline, one access unit each, with a random access point every so often.
pub struct PictureEncoder {
    encoder: Encoder,
}

impl PictureEncoder {
    /// An encoder for `rate_hz` pictures a second at `bits_per_second`, an IDR picture with parameter sets each
    /// `intra_period` pictures.
    ///
    /// # Errors
    /// What OpenH264 says against it.
    pub fn new(
        rate_hz: f32,
        bits_per_second: u32,
        intra_period: u32,
    ) -> Result<Self, openh264::Error> {
        let config = EncoderConfig::new()
            .max_frame_rate(FrameRate::from_hz(rate_hz))
            .bitrate(BitRate::from_bps(bits_per_second))
            .rate_control_mode(RateControlMode::Bitrate)
            .usage_type(UsageType::CameraVideoRealTime)
            .skip_frames(false)
            .scene_change_detect(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(intra_period));
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config)?;
        Ok(Self { encoder })
    }

    /// One access unit, Annex B.
    ///
    /// # Errors
    /// What OpenH264 says against it: sides must be even and 16 pixels at the least.
    pub fn encode(&mut self, picture: &Picture) -> Result<Vec<u8>, openh264::Error> {
        let (width, half) = (picture.width, picture.width / 2);
        let planes: (&[u8], &[u8], &[u8]) = (&picture.luma, &picture.chroma_u, &picture.chroma_v);
        let yuv = YUVSlices::new(planes, (width, picture.height), (width, half, half));
        Ok(self.encoder.encode(&yuv)?.to_vec())
    }
}
