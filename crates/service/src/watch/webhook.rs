//! Alerts to other programs: each new or changed alert is posted, as JSON, to the addresses configured.
//!
//! It is a bell, not the record: an address that does not answer three times misses that alert, which is
//! told in the log, and finds it under `/api/alerts`.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::Alert;
use crate::CentreError;
use crate::live::{Change, Hub};

/// How long an address may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Tries, and how long lies between them.
const TRIES: u32 = 3;
const BETWEEN: Duration = Duration::from_secs(2);

/// Posts alerts to `urls` on a thread of its own, until the hub has gone.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(hub: &Arc<Hub>, urls: Vec<String>) -> Result<(), CentreError> {
    if urls.is_empty() {
        return Ok(());
    }
    let changes = hub.changes();
    let started = std::thread::Builder::new()
        .name("webhooks".to_owned())
        .spawn(move || ring(changes, &urls));
    started.map(drop).map_err(crate::error::io(
        "starting a thread for",
        std::path::Path::new("webhooks"),
    ))
}

fn ring(mut changes: Receiver<Change>, urls: &[String]) {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .build();
    let agent = ureq::Agent::from(config);
    loop {
        match changes.blocking_recv() {
            Ok(Change::Alert(alert)) => urls.iter().for_each(|url| post(&agent, url, &alert)),
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "webhooks fell behind"),
            Err(RecvError::Closed) => return,
        }
    }
}

fn post(agent: &ureq::Agent, url: &str, alert: &Alert) {
    let Ok(body) = serde_json::to_string(alert) else {
        return;
    };
    for n in 1..=TRIES {
        match agent
            .post(url)
            .header("Content-Type", "application/json")
            .send(&body)
        {
            Ok(_) => return,
            Err(error) if n == TRIES => {
                tracing::warn!(%error, %url, alert = %alert.id, "a webhook did not take an alert");
            }
            Err(_) => std::thread::sleep(BETWEEN),
        }
    }
}
