//! HTTP/1.1 (RFC 9112) as a client: a stream that is read for as long as it lasts, and documents
//! that are asked for again and again.
//!
//! Memory: one frame of the body as the connection gives it (hyper's buffer, at most 400 KiB).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, LOCATION, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::run::{Ended, Outlet};
use crate::source::{Scheme, Source};
use crate::stream::{SILENCE_S, connect, ended};

/// So often a server may send elsewhere.
const MAX_REDIRECTS: usize = 5;
/// So long an answer may take to begin.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A response, and the task that carries its connection; dropping it ends the connection.
pub(crate) struct Answer {
    pub(crate) response: Response<Incoming>,
    /// Where it came from, without user and password.
    pub(crate) from: String,
    #[expect(dead_code, reason = "held for as long as the answer is read")]
    connection: AbortOnDropHandle<()>,
}

/// A stream by `GET`.
pub(crate) async fn stream(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let silence = source.options.timeout(SILENCE_S);
    let mut answer = match get(source, &[]).await {
        Ok(answer) => answer,
        Err(why) => return Ended::Failed(why),
    };
    if let Some(why) = refusal(&answer) {
        return Ended::Failed(why);
    }
    outlet.connected(answer.from.clone());
    ended(read(&mut answer, silence, outlet).await)
}

async fn read(answer: &mut Answer, silence: Duration, outlet: &Outlet<'_>) -> Result<(), String> {
    loop {
        match tokio::time::timeout(silence, answer.response.frame()).await {
            Err(_) => return Err(format!("nothing came for {} s", silence.as_secs())),
            Ok(None) => return Ok(()),
            Ok(Some(Err(e))) => return Err(format!("reading failed: {e}")),
            Ok(Some(Ok(frame))) => {
                if let Ok(bytes) = frame.into_data() {
                    outlet.send(bytes).await;
                }
            }
        }
    }
}

/// What is wrong with an answer's status.
pub(crate) fn refusal(answer: &Answer) -> Option<String> {
    let status = answer.response.status();
    if status.is_success() {
        return None;
    }
    let hint = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "; user or password are refused",
        StatusCode::NOT_FOUND => "; there is nothing by that path",
        _ => "",
    };
    Some(format!("{} answers {status}{hint}", answer.from))
}

/// Asks for the source's path, with further header fields; follows where the server sends.
pub(crate) async fn get(
    source: &Source,
    fields: &[(HeaderName, String)],
) -> Result<Answer, String> {
    let mut at = source.clone();
    at.scheme = match at.scheme {
        Scheme::Https | Scheme::PollHttps => Scheme::Https,
        _ => Scheme::Http,
    };
    for _ in 0..=MAX_REDIRECTS {
        let answer = ask(&at, request(&at, fields)?).await?;
        if !answer.response.status().is_redirection()
            || answer.response.status() == StatusCode::NOT_MODIFIED
        {
            return Ok(answer);
        }
        at = elsewhere(&at, &answer)?;
    }
    Err(format!(
        "the server sends elsewhere more than {MAX_REDIRECTS} times"
    ))
}

/// The source at the place that a server sends to. Who asks is told to the same host only.
fn elsewhere(at: &Source, answer: &Answer) -> Result<Source, String> {
    let said = answer
        .response
        .headers()
        .get(LOCATION)
        .and_then(|v| v.to_str().ok())
        .ok_or_else(|| format!("{} sends elsewhere and does not say where", answer.from))?;
    let url: Url = at
        .web(at.scheme.as_str())?
        .join(said)
        .map_err(|e| format!("{} sends to {said:?}: {e}", answer.from))?;
    let scheme = match url.scheme() {
        "https" => Scheme::Https,
        "http" if at.scheme == Scheme::Http => Scheme::Http,
        other => {
            return Err(format!(
                "{} sends to {other}://, which is not followed",
                answer.from
            ));
        }
    };
    let mut next = at.clone();
    let host = url.host_str().unwrap_or_default();
    next.host = host.trim_matches(['[', ']']).to_owned();
    next.port = url.port_or_known_default().unwrap_or(at.port);
    next.path = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
    next.scheme = scheme;
    if (next.host.as_str(), next.port) != (at.host.as_str(), at.port) {
        next.user = None;
        next.password = None;
        next.options.password_file = None;
    }
    Ok(next)
}

/// Posts a document. Where the server sends is not followed.
pub(crate) async fn post(source: &Source, content_type: &str, body: Bytes) -> Result<(), String> {
    let mut request = request(source, &[(CONTENT_TYPE, content_type.to_owned())])?;
    *request.method_mut() = Method::POST;
    *request.body_mut() = Full::new(body);
    let answer = ask(source, request).await?;
    refusal(&answer).map_or(Ok(()), Err)
}

/// Connects, asks, and gives the answer once its head has come.
async fn ask(source: &Source, request: Request<Full<Bytes>>) -> Result<Answer, String> {
    let (stream, _) = connect(source).await?;
    let from = format!("{}://{}", source.scheme.as_str(), source.authority());
    let asked = async {
        if source.scheme == Scheme::Https {
            exchange(crate::tls::client(source, stream).await?, request).await
        } else {
            exchange(stream, request).await
        }
    };
    let (response, connection) = tokio::time::timeout(ANSWER_WITHIN, asked)
        .await
        .map_err(|_| format!("{from} did not answer within {} s", ANSWER_WITHIN.as_secs()))?
        .map_err(|why| format!("{from}: {why}"))?;
    Ok(Answer {
        response,
        from,
        connection,
    })
}

async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<(Response<Incoming>, AbortOnDropHandle<()>), String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|e| e.to_string())?;
    // How the connection ends is told by the response's body.
    let task = AbortOnDropHandle::new(tokio::spawn(async move { drop(connection.await) }));
    let response = sender.send_request(request).await;
    Ok((response.map_err(|e| e.to_string())?, task))
}

fn request(
    source: &Source,
    fields: &[(HeaderName, String)],
) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::get(&source.path)
        .header(HOST, source.authority())
        .header(USER_AGENT, concat!("truceline/", env!("CARGO_PKG_VERSION")));
    if let Some(user) = &source.user {
        let password = source.password()?.unwrap_or_default();
        let who = STANDARD.encode(format!("{user}:{password}"));
        request = request.header(AUTHORIZATION, format!("Basic {who}"));
    }
    for (name, value) in fields {
        request = request.header(name, value);
    }
    request
        .body(Full::default())
        .map_err(|e| format!("the request cannot be made: {e}"))
}
