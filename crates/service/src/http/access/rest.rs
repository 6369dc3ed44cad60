//! What nobody read of a request. A connection that is closed over unread bytes can take the answer with it (a reset
//! reaches the sender before the answer does), so that a device told to log in sees a broken line instead.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::extract::Request;
use futures_util::{Stream, StreamExt as _};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// Of what nobody read so much is taken and thrown away: as much as a form with its photographs has at once…
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// … if it comes within this.
const WITHIN: Duration = Duration::from_secs(2);

/// The request, its body such that what is still to come is taken when whoever answers has dropped it.
pub(super) fn taken(request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    request.map(|body| {
        Body::from_stream(Rest {
            of: Some(body.into_data_stream()),
        })
    })
}

struct Rest {
    /// None once it has ended.
    of: Option<BodyDataStream>,
}

impl Stream for Rest {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.of else {
            return Poll::Ready(None);
        };
        let next = stream.poll_next_unpin(cx);
        if !matches!(next, Poll::Pending | Poll::Ready(Some(Ok(_)))) {
            self.of = None;
        }
        next
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        if let (Some(stream), Ok(runtime)) = (self.of.take(), Handle::try_current()) {
            // Whatever comes of it, the answer is the same.
            runtime.spawn(timeout(WITHIN, thrown_away(stream)));
        }
    }
}

async fn thrown_away(mut stream: BodyDataStream) {
    let mut bytes = 0;
    while let Some(Ok(piece)) = stream.next().await {
        bytes += piece.len();
        if bytes > MOST_BYTES {
            return;
        }
    }
}
