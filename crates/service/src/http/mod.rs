//! The centre's pages, its log as any tlog client reads it, and a witness' answers.
//!
//! Pages need no script and ask nobody else: they work in a cellar without a network. They show and
//! change nothing; signing happens where the officer's key is.

mod access;
mod alerts;
mod app;
mod bodies;
mod changes;
mod console;
mod deeds;
mod desk;
mod feeds;
mod findings;
mod front;
mod ground;
mod handover;
mod liaison;
mod login;
mod mandate;
mod map;
mod mobility;
mod observe;
mod ogc;
mod openapi;
mod openrosa;
mod pages;
mod paging;
mod patience;
mod persons;
mod report;
mod session;
mod tiles;
mod video;
mod watch;
mod watched;
mod witness;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path as UrlPath, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;
use truceline_domain::FindingId;
use truceline_record::witness::Witness;
use truceline_store::export::feature_collection;

pub use access::Who;
pub use app::{App, Problem};
pub use front::Front;
pub(crate) use front::Neighbour;
pub use witness::HttpWitness;

use crate::{Centre, CentreError};

/// What every page may load: its own style, and nothing from anywhere else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// The largest body that is taken where nothing else is said, bytes.
const MAX_BODY_BYTES: usize = 1 << 20;
/// The largest that is posted to a feed.
const MAX_POSTED_BYTES: usize = 1 << 30;

/// Serves a witness on `listen` until the process is told to end; `ready` gets the address.
///
/// # Errors
/// When the address cannot be had.
pub fn serve_witness(
    witness: Arc<Witness>,
    listen: &str,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), CentreError> {
    let runtime = runtime()?;
    runtime.block_on(serve(
        witness::router(witness),
        listen,
        ready,
        told_to_end(),
    ))
}

/// The runtime that answers requests and speaks with live sources.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime, CentreError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|source| CentreError::Io {
            doing: "starting",
            path: "threads".into(),
            source,
        })
}

/// Answers on `listen` until `ended`; `ready` gets the address.
///
/// # Errors
/// When the address cannot be had.
pub async fn serve(
    front: impl Into<Front>,
    listen: &str,
    ready: impl FnOnce(SocketAddr),
    ended: impl Future<Output = ()> + Send + 'static,
) -> Result<(), CentreError> {
    let failed = |source| CentreError::Io {
        doing: "listening on",
        path: listen.into(),
        source,
    };
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(failed)?;
    ready(listener.local_addr().map_err(failed)?);
    let told = CancellationToken::new();
    let teller = told.clone();
    tokio::spawn(async move {
        ended.await;
        teller.cancel();
    });
    let answering = answer(listener, front.into(), &told);
    // Those who watch a live feed never end by themselves.
    let patience = async {
        told.cancelled().await;
        tokio::time::sleep(LAST_ANSWERS).await;
    };
    tokio::select! {
        () = answering => {}
        () = patience => {}
    }
    Ok(())
}

/// A request's head must be there within so long: who sends a byte now and then holds no connection.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// So many connections at once; others wait to be accepted.
const CONNECTIONS: usize = 1024;

/// Answers connections until `told`, then those that are under way.
async fn answer(listener: tokio::net::TcpListener, front: Front, told: &CancellationToken) {
    let (connections, under_way) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
    loop {
        let accepted = async {
            let room = connections.clone().acquire_owned().await;
            (room, listener.accept().await)
        };
        let (room, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = told.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let answered = one_connection(stream, peer, front.clone(), told.clone());
                under_way.spawn(async move {
                    answered.await;
                    drop(room);
                });
            }
            Err(error) => {
                // Too many open files, or a connection that went before it was accepted.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    under_way.close();
    under_way.wait().await;
}

async fn one_connection(
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    front: Front,
    told: CancellationToken,
) {
    // Small answers of a live feed are not held back.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection's answers may be held back");
    }
    let service =
        hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(access::Peer(peer.ip()));
            let answering = front.clone().answer(request.map(axum::body::Body::new));
            async move { Ok::<_, std::convert::Infallible>(answering.await) }
        });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended");
    }
}

/// How long requests that are under way have when the process is told to end.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Ends when the process is told to: Ctrl-C, or SIGTERM as a service manager sends it.
pub async fn told_to_end() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    let interrupted = async {
        // Where signals cannot be had, the process is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = terminated => {}
        () = interrupted => {}
    }
}

/// The pages and the API of a centre.
pub fn centre_router(app: App) -> Router {
    let record = app.dir().join("record");
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    guarded(&app)
        .route("/", get(entrance))
        .merge(console::routes())
        .merge(login::routes())
        .route("/healthz", get(|| async { "ok\n" }))
        .route(
            "/style.css",
            get(|| async { ([(header::CONTENT_TYPE, "text/css")], STYLE) }),
        )
        // The log as it lies on disk, for any tlog-tiles client.
        .nest_service("/log", ServeDir::new(record.join("log")))
        .route_service("/vkeys", ServeFile::new(record.join("vkeys")))
        .fallback(|uri: Uri| async move {
            problem(StatusCode::NOT_FOUND, "There is no such page.", uri.path())
        })
        .layer(header(
            header::CONTENT_SECURITY_POLICY,
            CONTENT_SECURITY_POLICY,
        ))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(axum::middleware::from_fn(patience::bodies))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            observe::write_down,
        ))
        .with_state(app)
}

/// What the guard stands before; each route has its line in [`access::table`].
fn guarded(app: &App) -> Router<App> {
    Router::new()
        .route("/plain/", get(overview))
        .route("/findings/{id}", get(finding))
        .route("/api/feeds", get(feeds::list))
        .route("/api/feeds/{id}", get(feeds::one))
        .route(
            "/api/feeds/{id}/observations",
            post(feeds::post).layer(DefaultBodyLimit::max(MAX_POSTED_BYTES)),
        )
        .route("/api/picture/live", get(live_picture))
        .route("/api/changes", get(changes::listen))
        .merge(findings::routes())
        .merge(desk::routes())
        .merge(watch::routes())
        .merge(alerts::routes())
        .merge(ogc::routes())
        .merge(openapi::routes())
        .merge(session::routes())
        .merge(tiles::routes())
        .merge(persons::routes())
        .merge(mandate::routes())
        .merge(mobility::routes())
        .merge(ground::routes())
        .merge(liaison::routes())
        .merge(report::routes())
        .merge(openrosa::routes())
        .merge(video::routes())
        .route_layer(axum::middleware::from_fn_with_state(
            app.clone(),
            access::guard,
        ))
}

const STYLE: &str = include_str!("style.css");

/// Runs `work` on the centre as it stands now; what goes wrong becomes a page.
async fn page<T: Send + 'static>(
    app: App,
    work: impl FnOnce(&Centre) -> Result<T, CentreError> + Send + 'static,
) -> Result<T, Response> {
    app.with(move |centre| work(centre)).await.map_err(|e| {
        tracing::error!(error = %e, "a page could not be made");
        problem(StatusCode::INTERNAL_SERVER_ERROR, &e.to_string(), BELOW)
    })
}

/// To the console where it is built in, else to the plain overview.
async fn entrance() -> Redirect {
    Redirect::to(if truceline_console::is_built() {
        "console/"
    } else {
        "plain/"
    })
}

async fn overview(State(app): State<App>) -> Result<Html<String>, Response> {
    page(app, pages::overview)
        .await
        .map(|page| Html(page.into_string()))
}

async fn finding(
    State(app): State<App>,
    UrlPath(id): UrlPath<String>,
) -> Result<Html<String>, Response> {
    let Ok(id) = FindingId::new(id) else {
        return Err(problem(
            StatusCode::NOT_FOUND,
            "There is no such finding.",
            BELOW,
        ));
    };
    match page(app, move |centre| pages::finding(centre, &id)).await? {
        Some(page) => Ok(Html(page.into_string())),
        None => Err(problem(
            StatusCode::NOT_FOUND,
            "There is no such finding.",
            BELOW,
        )),
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Tail {
    /// So much of each track before its newest point, seconds, and of each camera its newest footprint: what a map draws.
    tail_s: Option<f64>,
}

/// The picture as the live feeds tell it, whole unless a map's tail is asked for.
async fn live_picture(
    State(app): State<App>,
    Query(Tail { tail_s }): Query<Tail>,
) -> Json<truceline_engine::Picture> {
    let picture = app.hub().picture();
    Json(match tail_s {
        Some(tail_s) => picture.tail(tail_s),
        None => picture,
    })
}

/// Layers of the store as GeoJSON.
fn json_of(centre: &Centre, layers: &[&str]) -> Result<Response, CentreError> {
    let mut rows = Vec::new();
    for layer in layers {
        rows.extend(centre.store().features(layer)?);
    }
    let body = feature_collection(&rows)?;
    Ok(([(header::CONTENT_TYPE, "application/geo+json")], body).into_response())
}

/// A path as deep as the plain pages' own.
const BELOW: &str = "/plain/";

/// A page that says what is wrong, shown at `path`.
fn problem(status: StatusCode, why: &str, path: &str) -> Response {
    let page = pages::problem(status.as_str(), why, &front::up(path));
    (status, Html(page.into_string())).into_response()
}

#[cfg(test)]
mod tests;
