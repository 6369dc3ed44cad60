//! A centre at work: live feeds, judgement, pages and API, until it is told to end.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::error::io;
use crate::http::{self, App};
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
    /// What the last process left of live feeds, and is in the record now.
    pub salvaged: Vec<Salvaged>,
    /// How many live feeds are connected to.
    pub feeds: usize,
}

/// Runs a centre until the process is told to end: records its live feeds, judges what they tell,
/// answers on `listen`. `ready` is called when it answers.
///
/// # Errors
/// When the address cannot be had, or the record refuses what the last process left.
pub fn serve(
    mut centre: Centre,
    listen: &str,
    ready: impl FnOnce(&Ready),
) -> Result<(), CentreError> {
    let (dir, config, place) = (
        centre.dir().to_path_buf(),
        centre.config().clone(),
        centre.place(),
    );
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
    let runtime = http::runtime()?;
    let hub = Arc::new(Hub::start(&config.feeds, &place, ground, runtime.handle())?);
    let stop = CancellationToken::new();
    let token = token()?;
    let app = App::new(centre.clone(), hub.clone(), Some(&token));
    let accesses = app.accesses().clone();
    let whereabouts =
        whereabouts::start(&config.whereabouts, &centre, &hub, runtime.handle(), &stop)?;
    let projector = Projector::start(centre, hub.clone(), accesses, stop.clone())?;
    let mut control = None;
    let answering = app.clone();
    let told = |address: SocketAddr| {
        answering.answers_on(address);
        let url = format!("http://{address}");
        control = Some(Control { url, token }.save(&dir));
        ready(&Ready {
            address,
            salvaged,
            feeds: hub.feeds().count(),
        });
    };
    webhook::start(&hub, config.alert_webhooks)?;
    if let Some(address) = config.cot_listen {
        let (app, stop) = (app.clone(), stop.clone());
        runtime.spawn(async move {
            if let Err(error) = cot::listen(app, &address, stop).await {
                tracing::error!(%error, "TAK clients are not answered");
            }
        });
    }
    let router = http::centre_router(app);
    let served = runtime.block_on(http::serve(router, listen, told, http::told_to_end()));
    // Feeds first: what they received is recorded, then projected, then cosigned.
    hub.stop();
    stop.cancel();
    for thread in whereabouts {
        if thread.join().is_err() {
            tracing::error!("a thread of whereabouts panicked");
        }
    }
    projector.join();
    if let Some(Ok(path)) = control {
        std::fs::remove_file(&path).map_err(io("removing", &path))?;
    }
    // Viewers that are still connected do not hold the process.
    runtime.shutdown_background();
    served
}

/// A token that nobody can guess.
pub(crate) fn token() -> Result<String, CentreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| CentreError::Refused(format!("no randomness: {e}")))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}
