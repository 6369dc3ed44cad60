//! SRT, by calling a listener. Waiting for callers is not offered: `srt-runtime` 0.6.1 numbers what a
//! listener sends from a number of its own, where libsrt expects the caller's, and ends the connection
//! («SEQUENCE DISCREPANCY», libsrt 1.5.1).

use bytes::Bytes;
use srt_runtime::io::SrtSocket;

use crate::source::Source;
use crate::srt::call;

/// What an SRT packet carries of a transport stream at most (draft-sharabayko-srt-01, 3.1).
const MAX_PAYLOAD: usize = 1316;

/// One connection.
pub(super) struct Sender {
    socket: SrtSocket,
}

impl Sender {
    pub(super) async fn open(source: &Source) -> Result<Self, String> {
        let (socket, _) = call(source).await?;
        Ok(Self { socket })
    }

    pub(super) async fn send(&mut self, bytes: Bytes) -> Result<(), String> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let part = rest.split_to(rest.len().min(MAX_PAYLOAD));
            self.socket
                .send_bytes(part)
                .await
                .map_err(|e| format!("sending failed: {e}"))?;
        }
        Ok(())
    }

    /// What is on its way arrives within the other side's latency.
    pub(super) async fn finish(&mut self) {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}
