//! A request's body must come: who sends a byte now and then holds no connection.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

/// A body must be there within so long.
const BODY_WITHIN: Duration = Duration::from_secs(60);
/// Of what is posted to a feed or from the field, which may be large, each next part.
const PART_WITHIN: Duration = Duration::from_secs(30);

/// Ends a body that is too slow with an error, which the handler answers as a body that cannot be read.
pub(super) async fn bodies(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_large = ["/observations", "/submission"]
        .iter()
        .any(|end| path.ends_with(end));
    let request = request.map(|body| {
        let parts = body.into_data_stream();
        if is_large {
            Body::from_stream(within(parts, PART_WITHIN, true))
        } else {
            Body::from_stream(within(parts, BODY_WITHIN, false))
        }
    });
    next.run(request).await
}

/// The body's parts until `limit` from now; with `renewed`, from each part.
fn within(
    parts: BodyDataStream,
    limit: Duration,
    renewed: bool,
) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let state = Some((parts, Instant::now() + limit));
    stream::unfold(state, move |state| async move {
        let (mut parts, ends) = state?;
        match timeout_at(ends, parts.next()).await {
            Ok(part) => {
                let ends = if renewed {
                    Instant::now() + limit
                } else {
                    ends
                };
                Some((part?, Some((parts, ends))))
            }
            Err(_) => {
                let slow =
                    std::io::Error::new(std::io::ErrorKind::TimedOut, "the body came too slowly");
                Some((Err(axum::Error::new(slow)), None))
            }
        }
    })
}
