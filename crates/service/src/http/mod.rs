//! The centre's pages, its log as any tlog client reads it, and a witness' answers.
//!
//! Pages need no script and ask nobody else: they work in a cellar without a network. They show and
//! change nothing; signing happens where the officer's key is.

mod map;
mod pages;
mod witness;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;
use truceline_domain::FindingId;
use truceline_record::witness::Witness;
use truceline_store::export::feature_collection;

pub use witness::HttpWitness;

use crate::{Centre, CentreError};

/// What every page may load: its own style, and nothing from anywhere else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// The centre's folder; each request opens it for reading, so that a page shows what stands now.
#[derive(Clone)]
struct Pages {
    dir: PathBuf,
    /// One reader at a time brings the store up to date.
    turn: Arc<Mutex<()>>,
}

/// Serves a centre's pages on `listen` until the process is told to end; `ready` gets the address.
///
/// # Errors
/// When the address cannot be had.
pub fn serve_centre(
    dir: &Path,
    listen: &str,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), CentreError> {
    serve(centre_router(dir), listen, ready)
}

/// Serves a witness on `listen` until the process is told to end; `ready` gets the address.
///
/// # Errors
/// When the address cannot be had.
pub fn serve_witness(
    witness: Arc<Witness>,
    listen: &str,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), CentreError> {
    serve(witness::router(witness), listen, ready)
}

fn serve(router: Router, listen: &str, ready: impl FnOnce(SocketAddr)) -> Result<(), CentreError> {
    let failed = |source| CentreError::Io {
        doing: "listening on",
        path: listen.into(),
        source,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(failed)?;
        ready(listener.local_addr().map_err(failed)?);
        axum::serve(listener, router)
            .with_graceful_shutdown(told_to_end())
            .await
            .map_err(failed)
    })
}

async fn told_to_end() {
    // Where signals cannot be had, the process is ended from outside.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn centre_router(dir: &Path) -> Router {
    let record = dir.join("record");
    let pages = Pages {
        dir: dir.to_path_buf(),
        turn: Arc::default(),
    };
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .route("/", get(overview))
        .route("/findings/{id}", get(finding))
        .route("/api/findings", get(api_findings))
        .route("/api/picture", get(api_picture))
        .route("/healthz", get(|| async { "ok\n" }))
        .route(
            "/style.css",
            get(|| async { ([(header::CONTENT_TYPE, "text/css")], STYLE) }),
        )
        // The log as it lies on disk, for any tlog-tiles client.
        .nest_service("/log", ServeDir::new(record.join("log")))
        .route_service("/vkeys", ServeFile::new(record.join("vkeys")))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "There is no such page.") })
        .layer(header(
            header::CONTENT_SECURITY_POLICY,
            CONTENT_SECURITY_POLICY,
        ))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .with_state(pages)
}

const STYLE: &str = include_str!("style.css");

impl Pages {
    /// Runs `work` on the centre as it stands now, off the threads that answer requests.
    async fn with<T: Send + 'static>(
        self,
        work: impl FnOnce(&Centre) -> Result<T, CentreError> + Send + 'static,
    ) -> Result<T, Response> {
        let run = move || {
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            work(&Centre::read(&self.dir)?)
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(e)) => {
                tracing::error!(error = %e, "a page could not be made");
                Err(problem(StatusCode::INTERNAL_SERVER_ERROR, &e.to_string()))
            }
            Err(_) => Err(problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The page could not be made.",
            )),
        }
    }
}

async fn overview(State(pages): State<Pages>) -> Result<Html<String>, Response> {
    pages
        .with(pages::overview)
        .await
        .map(|page| Html(page.into_string()))
}

async fn finding(
    State(pages): State<Pages>,
    UrlPath(id): UrlPath<String>,
) -> Result<Html<String>, Response> {
    let Ok(id) = FindingId::new(id) else {
        return Err(problem(StatusCode::NOT_FOUND, "There is no such finding."));
    };
    match pages
        .with(move |centre| pages::finding(centre, &id))
        .await?
    {
        Some(page) => Ok(Html(page.into_string())),
        None => Err(problem(StatusCode::NOT_FOUND, "There is no such finding.")),
    }
}

async fn api_findings(State(pages): State<Pages>) -> Result<Response, Response> {
    pages.with(|centre| json_of(centre, &["findings"])).await
}

async fn api_picture(State(pages): State<Pages>) -> Result<Response, Response> {
    let layers = &[
        "theatre",
        "tracks",
        "footprints",
        "event_ellipses",
        "events",
    ];
    pages.with(|centre| json_of(centre, layers)).await
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

fn problem(status: StatusCode, why: &str) -> Response {
    (
        status,
        Html(pages::problem(status.as_str(), why).into_string()),
    )
        .into_response()
}

#[cfg(test)]
mod tests;
