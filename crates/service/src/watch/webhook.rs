//! Alerts to other programs: each new or changed alert is posted, signed, to the addresses configured.
//!
//! The form is that of Standard Webhooks 1.0: `{type, timestamp, data}`, with the headers `webhook-id`,
//! `webhook-timestamp` and `webhook-signature` (HMAC-SHA256 over `id.timestamp.body`). It is a bell, not the
//! record: whoever missed one finds all under `/api/alerts`.
//!
//! Each address has a thread and a queue of its own, and nothing ever waits for it. Only addresses of the
//! configuration are asked; redirections are not followed, and nothing of an answer but its status is looked at, so
//! that an address is no way into the network behind the centre.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, Mac as _};
use serde_json::json;
use sha2::Sha256;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::Alert;
use crate::config::WebhookConfig;
use crate::live::{Change, Hub};
use crate::{CentreError, clock};

/// How long an address may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long lies before each further try; after the last one the alert is passed over, and told in the log.
const BACK_OFF: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(1800),
];
/// So many alerts wait for an address; beyond, the oldest is passed over.
const WAITING: usize = 1024;

/// What signs: the bytes that the other side has too.
#[derive(Clone)]
struct Secret(Vec<u8>);

impl Secret {
    /// Reads `whsec_` and the bytes in base64 (Standard Webhooks, "Signature scheme").
    fn read(path: &Path) -> Result<Self, CentreError> {
        let refused = |why: &str| {
            let path = path.display();
            CentreError::Refused(format!(
                "{path}: {why}; expected whsec_ and 24 to 64 bytes in base64"
            ))
        };
        let text = std::fs::read_to_string(path).map_err(crate::error::io("reading", path))?;
        let line = text.lines().next().unwrap_or_default().trim();
        let coded = line
            .strip_prefix("whsec_")
            .ok_or_else(|| refused("no secret"))?;
        let bytes = BASE64_STANDARD
            .decode(coded)
            .map_err(|_| refused("no base64"))?;
        match bytes.len() {
            24..=64 => Ok(Self(bytes)),
            _ => Err(refused("a secret of another length")),
        }
    }

    /// `v1,` and the signature in base64.
    fn sign(&self, id: &str, timestamp: &str, body: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Some(format!(
            "v1,{}",
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        ))
    }
}

/// Something that waits to be posted.
struct Ring {
    id: String,
    body: String,
    tries: usize,
}

impl Ring {
    fn new(alert: &Alert) -> Option<Self> {
        let kind = if alert.is_open() {
            "alert.raised"
        } else {
            "alert.changed"
        };
        let body = json!({"type": kind, "timestamp": clock::recorded(), "data": alert});
        Some(Self {
            id: format!("{}.{}", alert.id, alert.revision),
            body: serde_json::to_string(&body).ok()?,
            tries: 0,
        })
    }
}

/// One address.
struct Bell {
    url: String,
    secret: Option<Secret>,
    agent: ureq::Agent,
}

/// Posts alerts to the configured addresses, each on a thread of its own, until the hub has gone. Files are relative to `dir`.
///
/// # Errors
/// When a secret cannot be read, or the system gives no thread.
pub(crate) fn start(
    hub: &Arc<Hub>,
    dir: &Path,
    configured: &[WebhookConfig],
) -> Result<(), CentreError> {
    for config in configured {
        let secret = config
            .secret_file
            .as_ref()
            .map(|file| Secret::read(&dir.join(file)));
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .build();
        let bell = Bell {
            url: config.url.clone(),
            secret: secret.transpose()?,
            agent: agent.into(),
        };
        let changes = hub.changes();
        let started = std::thread::Builder::new()
            .name("webhook".to_owned())
            .spawn(move || bell.serve(changes));
        started.map(drop).map_err(crate::error::io(
            "starting a thread for",
            Path::new("webhooks"),
        ))?;
    }
    Ok(())
}

impl Bell {
    fn serve(&self, mut changes: tokio::sync::broadcast::Receiver<Change>) {
        let mut waiting: VecDeque<Ring> = VecDeque::new();
        loop {
            // What came meanwhile first: nothing is lost while an address is slow, as far as there is room.
            loop {
                let change = if waiting.is_empty() {
                    changes.blocking_recv().map_err(|e| match e {
                        RecvError::Closed => TryRecvError::Closed,
                        RecvError::Lagged(n) => TryRecvError::Lagged(n),
                    })
                } else {
                    changes.try_recv()
                };
                match change {
                    Ok(Change::Alert(alert)) => self.wait(&mut waiting, Ring::new(&alert)),
                    Ok(_) => {}
                    Err(TryRecvError::Lagged(missed)) => {
                        tracing::warn!(missed, url = %self.url, "a webhook fell behind");
                    }
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Closed) => return,
                }
            }
            let Some(mut ring) = waiting.pop_front() else {
                continue;
            };
            let Err(why) = self.post(&ring) else { continue };
            let Some(pause) = BACK_OFF.get(ring.tries) else {
                tracing::warn!(%why, url = %self.url, id = %ring.id, "a webhook did not take an alert");
                continue;
            };
            ring.tries += 1;
            waiting.push_front(ring);
            std::thread::sleep(*pause);
        }
    }

    fn wait(&self, waiting: &mut VecDeque<Ring>, ring: Option<Ring>) {
        if waiting.len() >= WAITING
            && let Some(oldest) = waiting.pop_front()
        {
            tracing::warn!(url = %self.url, id = %oldest.id, "a webhook has no room for more; an alert was not posted");
        }
        waiting.extend(ring);
    }

    /// Posts once. The id stays the same however often it is tried, so that who listens can tell.
    fn post(&self, ring: &Ring) -> Result<(), String> {
        let timestamp = clock::unix_s().to_string();
        let mut request = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header("webhook-id", &ring.id)
            .header("webhook-timestamp", &timestamp);
        if let Some(secret) = &self.secret {
            let signature = secret.sign(&ring.id, &timestamp, &ring.body);
            request = request.header("webhook-signature", signature.unwrap_or_default());
        }
        let answer = request.send(&ring.body).map_err(|e| e.to_string())?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("it answered {status}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's authors (docs.svix.com/receiving/verifying-payloads/how-manual).
    #[test]
    fn it_signs_as_the_standard_says() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let secret = Secret::read(&path).unwrap();
        let signature = secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            "{\"test\": 2432232314}",
        );
        assert_eq!(
            signature.unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        for wrong in ["", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%%"] {
            std::fs::write(&path, wrong).unwrap();
            assert!(Secret::read(&path).is_err(), "{wrong}");
        }
    }
}
