//! A centre at work: live feeds, judgement, pages and API, until it is told to end.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use tokio::runtime::{Handle, Runtime};
use tokio_util::sync::CancellationToken;
use truceline_domain::TheatreId;

use crate::error::io;
use crate::http::{self, App, Front, Neighbour};
use crate::live::{Hub, Projector, Salvaged, salvage, whereabouts};
use crate::watch::{cot, webhook};
use crate::{Centre, CentreError};

/// Where a centre at work answers, for commands on the same machine: `serve.json` in its folder,
/// readable by its owner alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The web address.
    pub url: String,
    /// What this machine's commands show to be let in.
    pub token: String,
}

/// The file's name within a centre's folder.
const CONTROL: &str = "serve.json";

impl Control {
    /// The centre at work in `dir`, if one says that it is.
    #[must_use]
    pub fn find(dir: &Path) -> Option<Self> {
        let text = std::fs::read(dir.join(CONTROL)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn save(&self, dir: &Path) -> Result<PathBuf, CentreError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let path = dir.join(CONTROL);
        let text = serde_json::to_vec(self).map_err(|e| CentreError::Refused(e.to_string()))?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options
            .open(&path)
            .and_then(|mut file| file.write_all(&text));
        written.map_err(io("writing", &path)).map(|()| path)
    }
}

/// What a centre tells when it is ready.
#[derive(Debug)]
pub struct Ready {
    /// Where it answers.
    pub address: SocketAddr,
    /// Its theatres, the first first.
    pub theatres: Vec<ReadyTheatre>,
}

/// One theatre that is ready.
#[derive(Debug)]
pub struct ReadyTheatre {
    /// Which.
    pub theatre: TheatreId,
    /// The path below which it answers, without a slash at its end: nothing where it answers alone.
    pub base: String,
    /// What the last process left of live feeds, and is in the record now.
    pub salvaged: Vec<Salvaged>,
    /// How many live feeds are connected to.
    pub feeds: usize,
}

/// Runs the theatres of a centre until the process is told to end: records their live feeds, judges what they
/// tell, answers on `listen`. `ready` is called when it answers.
///
/// One theatre answers at `/`; of several each answers below `/t/<theatre>/`, and the first at `/` too.
///
/// # Errors
/// When there is no theatre, the address cannot be had, or a record refuses what the last process left.
pub fn serve(
    centres: Vec<Centre>,
    listen: &str,
    ready: impl FnOnce(&Ready),
) -> Result<(), CentreError> {
    let runtime = http::runtime()?;
    let (several, front_url) = (
        centres.len() > 1,
        centres.first().and_then(|c| c.config().public_url.clone()),
    );
    let neighbours: Arc<[Neighbour]> = centres
        .iter()
        .filter(|_| several)
        .map(|centre| Neighbour::of(&centre.config().theatre, centre.directory()))
        .collect();
    let mut at_work = Vec::new();
    let mut served = Ok(());
    for (n, centre) in centres.into_iter().enumerate() {
        let base = neighbours
            .get(n)
            .map_or_else(Arc::default, |own| own.base.clone());
        // The first answers at `/` as well, and that is the address that it hands out.
        let own = if n == 0 { Arc::default() } else { base.clone() };
        let beside = |app: App| app.beside(own, neighbours.clone(), front_url.as_deref());
        match AtWork::start(centre, base, beside, runtime.handle()) {
            Ok(theatre) => at_work.push(theatre),
            Err(error) => {
                served = Err(error);
                break;
            }
        }
    }
    if served.is_ok() {
        served = answer(&mut at_work, listen, ready, &runtime);
    }
    for theatre in at_work {
        let ended = theatre.end();
        served = served.and(ended);
    }
    // Viewers that are still connected do not hold the process.
    runtime.shutdown_background();
    served
}

/// Answers requests until the process is told to end.
fn answer(
    at_work: &mut [AtWork],
    listen: &str,
    ready: impl FnOnce(&Ready),
    runtime: &Runtime,
) -> Result<(), CentreError> {
    let routers: Vec<_> = at_work
        .iter()
        .map(|theatre| {
            (
                theatre.base.clone(),
                http::centre_router(theatre.app.clone()),
            )
        })
        .collect();
    let Some((_, first)) = routers.first().cloned() else {
        return Err(CentreError::Refused("there is no theatre to serve".into()));
    };
    let below = routers.into_iter().filter(|(base, _)| !base.is_empty());
    let front = Front::new(first, below);
    let told = |address: SocketAddr| {
        let theatres = at_work
            .iter_mut()
            .map(|theatre| theatre.answers_on(address));
        let theatres = theatres.collect();
        ready(&Ready { address, theatres });
    };
    runtime.block_on(http::serve(front, listen, told, http::told_to_end()))
}

/// One theatre at work.
struct AtWork {
    theatre: TheatreId,
    base: Arc<str>,
    app: App,
    hub: Arc<Hub>,
    stop: CancellationToken,
    whereabouts: Vec<JoinHandle<()>>,
    projector: Projector,
    salvaged: Vec<Salvaged>,
    /// What this machine's commands show.
    token: String,
    /// Where they find it, once it answers.
    control: Option<PathBuf>,
}

impl AtWork {
    /// Puts in order what the last process left, then connects to the live feeds.
    fn start(
        mut centre: Centre,
        base: Arc<str>,
        beside: impl FnOnce(App) -> App,
        runtime: &Handle,
    ) -> Result<Self, CentreError> {
        let (config, place) = (centre.config().clone(), centre.place());
        let source_of = |feed: &_| {
            let known = config.feeds.iter().find(|f| f.id == *feed);
            known.map(crate::config::FeedConfig::source_id)
        };
        let salvaged = salvage(&place, source_of)?;
        centre.catch_up()?;
        centre.keep_window()?;
        let ground = centre.documents().theatre();
        let ground = ground.and_then(|theatre| theatre.terrain.clone());
        let centre = Arc::new(Mutex::new(centre));
        let hub = Arc::new(Hub::start(&config.feeds, &place, ground, runtime)?);
        let stop = CancellationToken::new();
        let token = token()?;
        let app = beside(App::new(centre.clone(), hub.clone(), Some(&token)));
        let accesses = app.accesses().clone();
        let whereabouts = whereabouts::start(&config.whereabouts, &centre, &hub, runtime, &stop)?;
        let projector = Projector::start(centre, hub.clone(), accesses, stop.clone())?;
        webhook::start(&hub, app.dir(), &config.webhooks)?;
        if let Some(address) = config.cot_listen {
            let (app, stop) = (app.clone(), stop.clone());
            runtime.spawn(async move {
                if let Err(error) = cot::listen(app, &address, stop).await {
                    tracing::error!(%error, "TAK clients are not answered");
                }
            });
        }
        Ok(Self {
            theatre: config.theatre,
            base,
            app,
            hub,
            stop,
            whereabouts,
            projector,
            salvaged,
            token,
            control: None,
        })
    }

    /// Tells this machine's commands where it answers.
    fn answers_on(&mut self, address: SocketAddr) -> ReadyTheatre {
        self.app.answers_on(address);
        let (base, token) = (self.base.to_string(), self.token.clone());
        let url = format!("http://{address}{base}");
        match (Control { url, token }).save(self.app.dir()) {
            Ok(path) => self.control = Some(path),
            Err(error) => {
                tracing::error!(%error, "commands on this machine do not find the centre at work")
            }
        }
        ReadyTheatre {
            theatre: self.theatre.clone(),
            base,
            salvaged: std::mem::take(&mut self.salvaged),
            feeds: self.hub.feeds().count(),
        }
    }

    /// Feeds first: what they received is recorded, then projected, then cosigned.
    fn end(self) -> Result<(), CentreError> {
        self.hub.stop();
        self.stop.cancel();
        for thread in self.whereabouts {
            if thread.join().is_err() {
                tracing::error!("a thread of whereabouts panicked");
            }
        }
        self.projector.join();
        match self.control {
            Some(path) => std::fs::remove_file(&path).map_err(io("removing", &path)),
            None => Ok(()),
        }
    }
}

/// A token that nobody can guess.
pub(crate) fn token() -> Result<String, CentreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| CentreError::Refused(format!("no randomness: {e}")))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}
