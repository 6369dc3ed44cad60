//! Decisions of officers, made where their keys are.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use truceline_domain::FindingId;
use truceline_record::signature::{SignatureBody, Standing};

use super::app::{App, Problem};

/// What a decision came to. It is answered when the entry is durable.
#[derive(Debug, Serialize)]
pub(super) struct Decided {
    entry: u64,
    standing: Standing,
}

/// Takes a signed decision on a finding. The signature says who it is; nothing else is needed.
pub(super) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(body): Json<SignatureBody>,
) -> Result<(StatusCode, Json<Decided>), Problem> {
    let finding = FindingId::new(id).map_err(|e| Problem::not_found(e.to_string()))?;
    if body.finding != finding {
        let why = format!("the signature is on {}, not on {finding}", body.finding);
        return Err(Problem::new(StatusCode::CONFLICT, why));
    }
    let signed = app.with(move |centre| centre.take_decision(&body)).await?;
    let decided = Decided {
        entry: signed.entry,
        standing: signed.standing,
    };
    Ok((StatusCode::CREATED, Json(decided)))
}
