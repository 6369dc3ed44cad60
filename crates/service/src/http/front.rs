//! Several theatres behind one address: each with all of its pages and its API below `/t/<theatre>/`, the
//! first at `/` too.
//!
//! A theatre's routes know nothing of the others: the front takes its prefix from the path and hands the
//! request to the router that was made for that theatre alone, with its own sessions, rights and record. Whatever
//! pages and redirects name is relative, so that it holds below any prefix.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, OriginalUri, Request};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use truceline_domain::TheatreId;

use super::app::App;
use crate::centre::SharedDirectory;

/// Below which path a request was made: nothing, or `/t/<theatre>`.
#[derive(Debug, Clone, Default)]
pub(super) struct Base(Arc<str>);

impl Base {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The web address of the theatre as whoever asks knows it, without a slash at its end.
    pub(super) fn url(&self, app: &App, headers: &HeaderMap) -> String {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let below = self.as_str();
        match (app.public_url(), host) {
            (Some(url), _) => format!("{url}{below}"),
            (None, Some(host)) => format!("http://{host}{below}"),
            (None, None) => app.own_url(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// One of the theatres that answer on this address.
#[derive(Debug, Clone)]
pub(crate) struct Neighbour {
    /// Its id.
    pub(crate) theatre: TheatreId,
    /// The path that its routes lie below: `/t/<theatre>`.
    pub(crate) base: Arc<str>,
    /// Who may ask there.
    pub(crate) directory: SharedDirectory,
}

impl Neighbour {
    /// A theatre below its path.
    pub(crate) fn of(theatre: &TheatreId, directory: SharedDirectory) -> Self {
        let base = format!("/t/{theatre}").into();
        Self {
            theatre: theatre.clone(),
            base,
            directory,
        }
    }
}

/// What answers on an address.
#[derive(Debug, Clone)]
pub struct Front {
    /// At `/`.
    first: Router,
    /// Below their paths.
    below: Arc<[(Base, Router)]>,
}

impl From<Router> for Front {
    fn from(first: Router) -> Self {
        Self {
            first,
            below: Arc::default(),
        }
    }
}

impl Front {
    /// `first` at `/`, and each of `below` below its path.
    pub(crate) fn new(first: Router, below: impl IntoIterator<Item = (Arc<str>, Router)>) -> Self {
        let below = below.into_iter().map(|(path, router)| (Base(path), router));
        Self {
            first,
            below: below.collect(),
        }
    }

    /// Answers a request.
    pub async fn answer(self, mut request: Request) -> Response {
        let path = request.uri().path();
        let found = self.below.iter().find_map(|(base, router)| {
            let rest = path.strip_prefix(base.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some((base, router))
        });
        let router = match found {
            None => self.first,
            Some((base, _)) if path.len() == base.as_str().len() => {
                let to = format!("{}/", base.as_str());
                return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response();
            }
            Some((base, router)) => {
                let Some(uri) = without(request.uri(), base.as_str()) else {
                    return StatusCode::BAD_REQUEST.into_response();
                };
                // The address as it was asked stays to be had: some sign it.
                let asked = OriginalUri(request.uri().clone());
                request.extensions_mut().insert(asked);
                *request.uri_mut() = uri;
                request.extensions_mut().insert(base.clone());
                router.clone()
            }
        };
        let Ok(response) = router.oneshot(request).await;
        response
    }
}

/// The address without the path's beginning.
fn without(uri: &Uri, base: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(base)?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// From a page of this path to the place where its theatre's routes begin: `../` for `/plain/`.
pub(super) fn up(path: &str) -> String {
    "../".repeat(path.matches('/').count().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_an_address_stays_as_it_was() {
        let uri: Uri = "/t/one/api/findings?a=%2F&b=/t/one".parse().unwrap();
        let rest = without(&uri, "/t/one").unwrap();
        assert_eq!(rest, "/api/findings?a=%2F&b=/t/one");
        assert_eq!(up("/login"), "");
        assert_eq!(up("/plain/"), "../");
        assert_eq!(up("/api/feeds/x/live"), "../../../");
    }
}
