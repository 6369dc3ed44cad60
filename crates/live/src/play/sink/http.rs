//! HTTP `POST`: what has come together since the last, in one request.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use truceline_intake::Format;

use super::Packet;
use crate::http::post;
use crate::source::Source;

/// A request is made at the latest when so much or so long has come together.
const TOGETHER_BYTES: usize = 256 * 1024;
const TOGETHER: Duration = Duration::from_millis(200);

/// Gathers and posts.
pub(super) struct Post {
    source: Source,
    content_type: &'static str,
    gathered: BytesMut,
    since: Instant,
}

impl Post {
    pub(super) fn open(source: &Source, format: Format) -> Result<Self, String> {
        source.web("http")?;
        Ok(Self {
            source: source.clone(),
            content_type: match format {
                Format::Fmv => "video/mp2t",
                Format::Sensor => "application/x-ndjson",
                Format::Cot => "application/xml",
                Format::Report | Format::Hotspot => "text/csv",
                Format::Mavlink => "application/octet-stream",
            },
            gathered: BytesMut::new(),
            since: Instant::now(),
        })
    }

    pub(super) fn gather(&mut self, bytes: &[u8]) -> Vec<Packet> {
        if self.gathered.is_empty() {
            self.since = Instant::now();
        }
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < TOGETHER_BYTES && self.since.elapsed() < TOGETHER {
            return Vec::new();
        }
        vec![Packet::plain(self.gathered.split().freeze())]
    }

    pub(super) async fn send(&mut self, bytes: Bytes) -> Result<(), String> {
        post(&self.source, self.content_type, bytes).await
    }

    pub(super) async fn finish(&mut self) {
        let rest = self.gathered.split().freeze();
        if !rest.is_empty()
            && let Err(why) = self.send(rest).await
        {
            tracing::warn!("the last request failed: {why}");
        }
    }
}
