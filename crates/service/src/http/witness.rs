//! C2SP tlog-witness over HTTP: a witness that answers, and the client that asks.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use truceline_record::witness::{Answer, Refusal, Witness, WitnessClient};

/// A request holds at most 63 hashes and a checkpoint; anything larger is no request.
const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// What a witness answers at most; more is not read.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// How long a witness may take; checkpoints come again, so it need not be long.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The routes of a witness: `POST /add-checkpoint`, and its last cosigned checkpoint of a log.
pub(super) fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin_hash}/checkpoint", get(latest))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(witness)
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    // It fsyncs before it answers, which would hold up other requests on this thread.
    let asked = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await;
    match asked {
        Ok(Ok(cosignature)) => text(StatusCode::OK, cosignature),
        Ok(Err(refusal)) => refused(refusal),
        Err(_) => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the witness failed\n".to_owned(),
        ),
    }
}

async fn latest(State(witness): State<Arc<Witness>>, Path(origin_hash): Path<String>) -> Response {
    match witness.latest_checkpoint(&origin_hash) {
        Ok(Some(checkpoint)) => text(StatusCode::OK, checkpoint),
        Ok(None) => text(
            StatusCode::NOT_FOUND,
            "nothing cosigned for this origin\n".to_owned(),
        ),
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> Response {
    tracing::warn!(status = refusal.status, why = %refusal.why, "checkpoint refused");
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (
        status,
        [(header::CONTENT_TYPE, refusal.content_type)],
        refusal.body,
    )
        .into_response()
}

fn text(status: StatusCode, body: String) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        body,
    )
        .into_response()
}

/// Asks one witness over HTTP.
pub struct HttpWitness {
    name: String,
    url: String,
    agent: ureq::Agent,
}

impl HttpWitness {
    /// The witness called `name` whose `add-checkpoint` lies below `url`.
    #[must_use]
    pub fn new(name: &str, url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            // A status other than 200 is an answer of the protocol, not a failure.
            .http_status_as_error(false)
            .build();
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        Self {
            name: name.to_owned(),
            url,
            agent: config.into(),
        }
    }
}

impl WitnessClient for HttpWitness {
    fn name(&self) -> &str {
        &self.name
    }

    fn add_checkpoint(&self, body: &str) -> Result<Answer, String> {
        let said = |e: ureq::Error| format!("{}: {e}", self.url);
        let mut response = self.agent.post(&self.url).send(body).map_err(said)?;
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER_BYTES)
            .read_to_string()
            .map_err(said)?;
        Ok(Answer { status, body })
    }
}
