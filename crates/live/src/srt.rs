//! SRT (draft-sharabayko-srt-01), live mode, as a caller and as a listener, by the crate
//! `srt-runtime`. Without encryption: the crate's connections refuse it, and so do addresses here.
//!
//! Memory: the crate's receive buffer (its flow window of 8192 packets of at most 1500 bytes) and
//! what waits between its task and this one (1024 payloads). What it drops there since it was not
//! fetched in time is told as missing.

use std::time::Duration;

use bytes::BytesMut;
use srt_runtime::HandshakeConfig;
use srt_runtime::io::{IoConfig, SrtListener, SrtSocket};

use crate::datagram::resolve;
use crate::event::Missed;
use crate::run::{Ended, Outlet};
use crate::source::{Mode, Source};

const LATENCY_MS: u32 = 120;
const SILENCE_S: u32 = 10;
/// So long an own session may be set up.
const WITHIN: Duration = Duration::from_secs(5);

/// A stream, from its beginning to its end.
pub(crate) async fn session(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let opened = if listens(source) {
        listen(source).await
    } else {
        call(source).await
    };
    let (mut socket, _listener) = match opened {
        Ok(opened) => opened,
        Err(why) => return Ended::Failed(why),
    };
    outlet.connected(socket.peer_addr().to_string());
    Ended::Failed(read(&mut socket, source.options.timeout(SILENCE_S), outlet).await)
}

/// Whether this side waits for the other.
pub(crate) fn listens(source: &Source) -> bool {
    source.options.mode == Some(Mode::Listen)
        || (source.options.mode.is_none() && source.host.is_empty())
}

pub(crate) async fn call(source: &Source) -> Result<(SrtSocket, Option<SrtListener>), String> {
    let address = resolve(source).await?;
    let io = IoConfig::default()
        .with_connect(WITHIN)
        .with_handshake(WITHIN);
    let socket = SrtSocket::connect_with(address, config(source), io)
        .await
        .map_err(|e| format!("{address} cannot be called: {e}"))?;
    Ok((socket, None))
}

/// Waits for one caller. The listener is handed over too, since it carries the connection.
pub(crate) async fn listen(source: &Source) -> Result<(SrtSocket, Option<SrtListener>), String> {
    let address = resolve(source).await?;
    let mut listener = SrtListener::bind_with(address, config(source), IoConfig::default())
        .await
        .map_err(|e| format!("cannot listen at {address}: {e}"))?;
    let socket = listener
        .accept()
        .await
        .map_err(|e| format!("a caller could not be let in: {e}"))?;
    Ok((socket, Some(listener)))
}

fn config(source: &Source) -> HandshakeConfig {
    let latency_ms = source.options.latency_ms.unwrap_or(LATENCY_MS);
    HandshakeConfig {
        latency_ms: u16::try_from(latency_ms).unwrap_or(u16::MAX),
        stream_id: source.options.stream_id.clone(),
        ..HandshakeConfig::default()
    }
}

async fn read(socket: &mut SrtSocket, silence: Duration, outlet: &Outlet<'_>) -> String {
    let mut bytes = BytesMut::new();
    let mut dropped = 0;
    loop {
        match tokio::time::timeout(silence, socket.recv()).await {
            Err(_) => return format!("nothing came for {} s", silence.as_secs()),
            Ok(Err(e)) => return format!("receiving failed: {e}"),
            Ok(Ok(None)) => return "the other side ended it".to_owned(),
            Ok(Ok(Some(payload))) => {
                bytes.extend_from_slice(&payload);
                outlet.offer(bytes.split().freeze());
            }
        }
        let stats = socket.stats();
        let now = stats.deliver_dropped + stats.rx_dropped;
        outlet.missing(Missed::SystemBuffer, now.saturating_sub(dropped));
        dropped = now;
    }
}
