//! TCP: this side calls, or with `mode=listen` waits for callers and sends to all of them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::datagram::resolve;
use crate::source::{Mode, Source};
use crate::stream::connect;

/// A caller that takes nothing for so long is let go.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// So many pieces wait for a slow caller; what is older is left out.
const WAITING: usize = 1024;

/// One connection, or many.
pub(super) enum Tcp {
    Called(TcpStream),
    Serves {
        pieces: broadcast::Sender<Bytes>,
        task: Arc<tokio::task::JoinHandle<()>>,
    },
}

impl Tcp {
    pub(super) async fn open(source: &Source) -> Result<(Self, String), String> {
        if source.options.mode != Some(Mode::Listen) && !source.host.is_empty() {
            let (stream, peer) = connect(source).await?;
            return Ok((Self::Called(stream), format!("to {peer}")));
        }
        let address = resolve(source).await?;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|e| format!("cannot listen at {address}: {e}"))?;
        let (pieces, _) = broadcast::channel(WAITING);
        let task = Arc::new(tokio::spawn(serve(listener, pieces.clone())));
        Ok((
            Self::Serves { pieces, task },
            format!("served at {address}"),
        ))
    }

    pub(super) async fn send(&mut self, bytes: &Bytes) -> Result<(), String> {
        match self {
            Self::Called(stream) => {
                match tokio::time::timeout(WRITE_WITHIN, stream.write_all(bytes)).await {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(e)) => Err(format!("sending failed: {e}")),
                    Err(_) => Err("the other side takes nothing any more".to_owned()),
                }
            }
            // Nobody may be there.
            Self::Serves { pieces, .. } => {
                let _ = pieces.send(bytes.clone());
                Ok(())
            }
        }
    }

    pub(super) async fn finish(&mut self) {
        match self {
            Self::Called(stream) => drop(stream.shutdown().await),
            // Callers take what still waits for them.
            Self::Serves { .. } => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
}

impl Drop for Tcp {
    fn drop(&mut self) {
        if let Self::Serves { task, .. } = self {
            task.abort();
        }
    }
}

async fn serve(listener: TcpListener, pieces: broadcast::Sender<Bytes>) {
    let mut callers = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                callers.spawn(one(stream, pieces.subscribe()));
            }
            Some(_) = callers.join_next() => {}
        }
    }
}

async fn one(mut stream: TcpStream, mut pieces: broadcast::Receiver<Bytes>) {
    loop {
        match pieces.recv().await {
            Ok(bytes) => {
                let write = tokio::time::timeout(WRITE_WITHIN, stream.write_all(&bytes));
                if !matches!(write.await, Ok(Ok(()))) {
                    return;
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
