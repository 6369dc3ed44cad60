//! Asking the `truceline serve` that is at work on a centre.

use std::io::Read;
use std::time::Duration;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use truceline_service::Control;
use ureq::{Agent, Body, SendBody};

/// Posts a body and reads the answer; a refusal is told in the server's words.
pub(super) fn post<T: DeserializeOwned>(
    control: &Control,
    path: &str,
    query: &[(&str, &str)],
    kind: &str,
    body: SendBody<'_>,
) -> anyhow::Result<T> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(10)))
        .build();
    let url = format!("{}{path}", control.url);
    let mut answer = Agent::from(config)
        .post(&url)
        .query_pairs(query.iter().copied())
        .header("Authorization", format!("Bearer {}", control.token))
        .header("Content-Type", kind)
        .send(body)
        .with_context(|| format!("asking the centre at work at {}", control.url))?;
    let status = answer.status();
    let read: Value = read(answer.body_mut())?;
    // An answer that is no problem says what was done, even when that was little.
    if status.is_success() || read.get("detail").is_none() {
        return serde_json::from_value(read).context("the centre's answer");
    }
    let detail = read.get("detail").and_then(Value::as_str);
    anyhow::bail!("{}", detail.unwrap_or_else(|| status.as_str()))
}

/// Posts a value as JSON.
pub(super) fn post_json<T: DeserializeOwned>(
    control: &Control,
    path: &str,
    value: &impl serde::Serialize,
) -> anyhow::Result<T> {
    let bytes = serde_json::to_vec(value)?;
    let body = SendBody::from_owned_reader(std::io::Cursor::new(bytes));
    post(control, path, &[], "application/json", body)
}

/// Posts what a reader gives.
pub(super) fn post_bytes<T: DeserializeOwned>(
    control: &Control,
    path: &str,
    query: &[(&str, &str)],
    mut reader: Box<dyn Read>,
) -> anyhow::Result<T> {
    let body = SendBody::from_reader(&mut reader);
    post(control, path, query, "application/octet-stream", body)
}

fn read(body: &mut Body) -> anyhow::Result<Value> {
    let text = body.read_to_string().context("the centre's answer")?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("the centre answered {text:?}"))
}
