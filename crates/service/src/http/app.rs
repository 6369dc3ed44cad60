//! What requests are answered from: the centre, its live feeds, and who may ask for what.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use truceline_domain::Sha256;
use truceline_record::webauthn::RelyingParty;

use super::access::{Ceremonies, Limits, Sessions};
use super::front::Neighbour;
use super::observe::Counts;
use super::tiles;
use super::video::Video;
use crate::centre::SharedDirectory;
use crate::live::Hub;
use crate::people::Directory;
use crate::watch::Accesses;
use crate::{Centre, CentreError};

/// What requests are answered from. It clones cheaply.
#[derive(Clone)]
pub struct App {
    centre: Arc<Mutex<Centre>>,
    hub: Arc<Hub>,
    /// The hash of the token that this machine's own commands show.
    control: Option<Sha256>,
    dir: PathBuf,
    video: Arc<Video>,
    directory: SharedDirectory,
    sessions: Arc<Sessions>,
    ceremonies: Arc<Ceremonies>,
    limits: Arc<Limits>,
    /// The web address that people's browsers know, when it is not this machine's own.
    public_url: Option<Arc<str>>,
    accesses: Arc<Accesses>,
    counts: Arc<Counts>,
    /// When it began, seconds since 1970, hexadecimal: requests of two lives have different names.
    begun: Arc<str>,
    /// The port on which it answers, once it does.
    port: Arc<OnceLock<u16>>,
    tiles: Arc<tiles::Ready>,
    /// The path below which it answers beside other theatres; nothing for the first.
    base: Arc<str>,
    /// All theatres that answer on this address; none where it answers alone.
    theatres: Arc<[Neighbour]>,
}

impl App {
    /// For a centre and its live feeds; `control` is the token of this machine's own commands.
    #[must_use]
    pub fn new(centre: Arc<Mutex<Centre>>, hub: Arc<Hub>, control: Option<&str>) -> Self {
        let (dir, directory, public_url) = {
            let centre = held(&centre);
            let public_url = centre.config().public_url.as_deref().map(Arc::from);
            (centre.dir().to_path_buf(), centre.directory(), public_url)
        };
        Self {
            directory,
            sessions: Arc::default(),
            ceremonies: Arc::default(),
            limits: Arc::default(),
            accesses: Arc::new(Accesses::new(&dir)),
            counts: Arc::default(),
            begun: format!("{:x}", crate::clock::unix_s()).into(),
            public_url,
            port: Arc::default(),
            centre,
            hub,
            control: control.map(|token| Sha256::of(token.as_bytes())),
            dir,
            video: Arc::default(),
            tiles: Arc::default(),
            base: Arc::default(),
            theatres: Arc::default(),
        }
    }

    /// The same below a path, beside other theatres. `front_url` is the web address of the first, which holds where
    /// this one has none of its own.
    pub(crate) fn beside(
        mut self,
        base: Arc<str>,
        theatres: Arc<[Neighbour]>,
        front_url: Option<&str>,
    ) -> Self {
        self.public_url = self.public_url.or_else(|| front_url.map(Arc::from));
        (self.base, self.theatres) = (base, theatres);
        self
    }

    /// What vector tiles are made from.
    pub(super) fn tiles(&self) -> &Arc<tiles::Ready> {
        &self.tiles
    }

    /// All theatres that answer on this address; none where it answers alone.
    pub(super) fn theatres(&self) -> &[Neighbour] {
        &self.theatres
    }

    /// The live feeds.
    #[must_use]
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// What answers about video are made from.
    pub(super) fn video(&self) -> &Video {
        &self.video
    }

    /// Persons and procedures as they stand; nobody is waited for.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.now()
    }

    /// Who is logged in.
    pub(super) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Who asked for what, as far as it is not in the record yet.
    #[must_use]
    pub fn accesses(&self) -> &Arc<Accesses> {
        &self.accesses
    }

    /// What was answered.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// When it began.
    pub(super) fn begun(&self) -> &str {
        &self.begun
    }

    /// How often each may ask.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What passkeys were asked.
    pub(super) fn ceremonies(&self) -> &Ceremonies {
        &self.ceremonies
    }

    /// The web address that people's browsers know, when it is configured.
    pub(super) fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// Says where it answers.
    pub fn answers_on(&self, address: std::net::SocketAddr) {
        // Told once.
        let _told = self.port.set(address.port());
    }

    /// The web address to hand to people, without a slash at its end. Passkeys take a host's name: `localhost`, never 127.0.0.1.
    pub(super) fn own_url(&self) -> String {
        let local = || {
            format!(
                "http://localhost:{}",
                self.port.get().copied().unwrap_or(80)
            )
        };
        let url = self.public_url().map_or_else(local, str::to_owned);
        format!("{url}{}", self.base)
    }

    /// The centre as passkeys know it.
    pub(super) fn relying_party(&self) -> RelyingParty {
        let Some(url) = self.public_url() else {
            return RelyingParty {
                id: "localhost".to_owned(),
                origin: None,
            };
        };
        let host = url.split("://").nth(1).unwrap_or_default();
        let id = host.split(':').next().unwrap_or_default().to_owned();
        RelyingParty {
            id,
            origin: Some(url.to_owned()),
        }
    }

    /// The centre's folder.
    #[must_use]
    pub fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// Runs `work` on the centre as it stands now, off the threads that answer requests.
    ///
    /// # Errors
    /// An answer that says what went wrong.
    pub async fn with<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Centre) -> Result<T, CentreError> + Send + 'static,
    ) -> Result<T, CentreError> {
        let run = move || {
            let mut centre = held(&self.centre);
            centre.catch_up()?;
            work(&mut centre)
        };
        blocking(run).await
    }

    /// Whether a request shows the token of this machine's commands, or `other`'s.
    pub(super) fn is_let_in(&self, headers: &HeaderMap, other: Option<Sha256>) -> bool {
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(|token| Sha256::of(token.trim().as_bytes()));
        // Hashes are compared, so that the time it takes tells nothing of the token.
        shown.is_some() && (shown == self.control || shown == other)
    }
}

/// Runs what waits for the disk off the threads that answer requests.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CentreError> + Send + 'static,
) -> Result<T, CentreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(CentreError::Refused(
            "the request could not be answered".into(),
        )),
    }
}

/// A centre whose holder panicked is read from its record again with the next call.
fn held(centre: &Mutex<Centre>) -> MutexGuard<'_, Centre> {
    centre.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A refusal in the form of RFC 9457.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    /// With a status and what is wrong, in a person's words.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
        }
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }
}

impl From<CentreError> for Problem {
    fn from(error: CentreError) -> Self {
        let status = match &error {
            CentreError::Refused(_) => StatusCode::CONFLICT,
            CentreError::Feed { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            error if error.is_storage() || error.is_storage_full() => {
                StatusCode::INSUFFICIENT_STORAGE
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!(%error, "a request could not be answered");
        }
        let mut detail = error.to_string();
        if error.is_storage_full() {
            detail.push_str("; make room on the centre's disk, then ask again");
        }
        Self::new(status, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Refused");
        let body = json!({
            "type": "about:blank", "title": title, "status": self.status.as_u16(), "detail": self.detail,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, body.to_string()).into_response()
    }
}
