//! MQTT 5: each record is a message on the first topic of the address.

use bytes::Bytes;
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v5::Packet;
use rumqttc::{AsyncClient, Event, PublishOptions};
use tokio::sync::mpsc;

use crate::mqtt::{DRAIN_WITHIN, open, told};
use crate::source::Source;
use crate::stream::CONNECT_WITHIN;

/// A client whose connection runs in a task of its own.
pub(super) struct Publisher {
    client: AsyncClient,
    topic: String,
    /// How many of the messages the broker has.
    taken: mpsc::UnboundedReceiver<Result<(), String>>,
    sent: u64,
    acknowledged: u64,
    task: tokio::task::JoinHandle<()>,
}

impl Publisher {
    pub(super) async fn open(source: &Source) -> Result<Self, String> {
        let topic = source.options.topics.first().cloned().unwrap_or_default();
        if topic.contains(['#', '+']) {
            return Err(format!(
                "topic {topic:?} is a filter; expected one to publish to, as sensors/M1"
            ));
        }
        let (client, mut events) = open(source)?;
        let connected = async {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => return Ok(()),
                    Ok(_) => {}
                    Err(e) => return Err(told(&e)),
                }
            }
        };
        tokio::time::timeout(CONNECT_WITHIN, connected)
            .await
            .map_err(|_| "the broker did not answer".to_owned())??;
        let (tell, taken) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            loop {
                let word = match events.poll().await {
                    Ok(Event::Incoming(Packet::PubAck(_))) => Ok(()),
                    Ok(_) => continue,
                    Err(e) => Err(told(&e)),
                };
                let failed = word.is_err();
                if tell.send(word).is_err() || failed {
                    return;
                }
            }
        });
        Ok(Self {
            client,
            topic,
            taken,
            sent: 0,
            acknowledged: 0,
            task,
        })
    }

    pub(super) async fn send(&mut self, bytes: Bytes) -> Result<(), String> {
        while let Ok(word) = self.taken.try_recv() {
            word?;
            self.acknowledged += 1;
        }
        let payload = bytes
            .strip_suffix(b"\n")
            .map_or(bytes.clone(), |p| bytes.slice_ref(p));
        self.client
            .publish(
                self.topic.as_str(),
                payload,
                PublishOptions::new(QoS::AtLeastOnce),
            )
            .await
            .map_err(|e| format!("publishing failed: {e}"))?;
        self.sent += 1;
        Ok(())
    }

    /// Waits until the broker has all.
    pub(super) async fn finish(&mut self) {
        let all = async {
            while self.acknowledged < self.sent {
                match self.taken.recv().await {
                    Some(Ok(())) => self.acknowledged += 1,
                    _ => return,
                }
            }
        };
        let _ = tokio::time::timeout(DRAIN_WITHIN, all).await;
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
