//! MQTT 5 (OASIS MQTT Version 5.0): readings and reports, one JSON object or line a message, at least
//! once (QoS 1).
//!
//! The broker keeps what this side missed for an hour when `client_id` is named, and a name is needed
//! for that. A message that comes again after a lost connection is told again; the decoder knows
//! readings by their names. A message that does not end its line is ended.
//!
//! Memory: one message of at most [`MAX_MESSAGE`]; a slow reader holds the broker back.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v5::{Packet, SubAck, SubscribeReasonCode};
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, SessionMode, TlsConfiguration,
    Transport,
};

use crate::run::{Ended, Outlet};
use crate::source::{Scheme, Source};
use crate::stream::CONNECT_WITHIN;

const MAX_MESSAGE: u32 = 1024 * 1024;
const KEEP_ALIVE_S: u16 = 15;
/// How long the broker keeps what this side missed.
const KEPT_S: u32 = 3600;
const REQUESTS: usize = 32;

/// A subscription, from its beginning to its end. Silence is no failure: pings tell whether the
/// broker is there.
pub(crate) async fn session(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let (client, mut events) = match open(source) {
        Ok(opened) => opened,
        Err(why) => return Ended::Failed(why),
    };
    let topics = &source.options.topics;
    let mut answered = false;
    loop {
        let event = if answered {
            events.poll().await
        } else {
            match tokio::time::timeout(CONNECT_WITHIN, events.poll()).await {
                Ok(event) => event,
                Err(_) => return Ended::Failed("the broker did not answer".to_owned()),
            }
        };
        match event {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                for topic in topics {
                    if let Err(e) = client.try_subscribe(topic.as_str(), QoS::AtLeastOnce) {
                        return Ended::Failed(format!("topic {topic:?}: {e}"));
                    }
                }
            }
            Ok(Event::Incoming(Packet::SubAck(ack))) => {
                if let Some(why) = refused(&ack) {
                    return Ended::Failed(format!("the broker refuses the topics: {why}"));
                }
                if !std::mem::replace(&mut answered, true) {
                    outlet.heard(source.authority());
                }
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                outlet.send(line(publish.payload)).await;
            }
            Ok(_) => {}
            Err(e) => return Ended::Failed(told(&e)),
        }
    }
}

/// A client and its connection, which is made when it is first polled.
pub(crate) fn open(source: &Source) -> Result<(AsyncClient, EventLoop), String> {
    let client_id = source.options.client_id.clone();
    let mode = if client_id.is_some() {
        SessionMode::Persistent
    } else {
        SessionMode::Clean
    };
    let client_id = client_id.unwrap_or_else(|| format!("truceline-{:08x}", fastrand::u32(..)));
    let mut options = MqttOptions::new(client_id, (source.host.clone(), source.port));
    options
        .set_keep_alive(KEEP_ALIVE_S)
        .set_session_mode(mode)
        .set_max_packet_size(Some(MAX_MESSAGE));
    if mode == SessionMode::Persistent {
        options.set_session_expiry_interval(Some(KEPT_S));
    }
    if let Some(user) = &source.user {
        options.set_credentials(user.clone(), source.password()?.unwrap_or_default());
    }
    if source.scheme == Scheme::Mqtts {
        let tls = TlsConfiguration::Rustls(crate::tls::config(source)?);
        options.set_transport(Transport::tls_with_config(tls));
    }
    AsyncClient::builder(options)
        .capacity(REQUESTS)
        .try_build()
        .map_err(|e| format!("the client cannot be set up: {e}"))
}

/// The topics' refusal, when none of them is granted or one is not.
fn refused(ack: &SubAck) -> Option<String> {
    ack.return_codes
        .iter()
        .find(|code| !matches!(code, SubscribeReasonCode::Success(_)))
        .map(|code| format!("{code:?}"))
}

/// In one line; a refusal in a person's words.
pub(crate) fn told(e: &ConnectionError) -> String {
    match e {
        ConnectionError::ConnectionRefused(code) => {
            format!("the broker refuses the connection: {code:?}")
        }
        other => {
            let words: Vec<_> = other
                .to_string()
                .split_whitespace()
                .map(str::to_owned)
                .collect();
            words.join(" ").chars().take(200).collect()
        }
    }
}

/// The message as a line.
fn line(payload: Bytes) -> Bytes {
    if payload.is_empty() || payload.last() == Some(&b'\n') {
        return payload;
    }
    let mut line = BytesMut::from(payload);
    line.extend_from_slice(b"\n");
    line.freeze()
}

/// How long a publisher waits for its messages to be taken.
pub(crate) const DRAIN_WITHIN: Duration = Duration::from_secs(5);
