//! The demo's live part: the exercise's feeds played again and again, a day later by their own
//! clocks, to a centre that takes them in as it would the real ones.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use truceline_domain::{FeedId, Observed};
use truceline_intake::Format;
use truceline_live::play::{ClockOffset, PlayOptions, Target, play};
use truceline_service::Config;
use truceline_service::config::FeedConfig;

use super::demo_readings::Readings;

/// The live exercise is so much later than the recorded one, seconds.
const LATER_S: f64 = 86_400.0;

/// A recording of the exercise.
pub(super) struct Recording {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) format: Format,
    pub(super) path: PathBuf,
    pub(super) opens: Option<Observed>,
}

/// Feeds that are played live, and where to.
pub(super) struct Players(Vec<(PathBuf, Target)>);

/// The recordings of readings that go on when the demo opens, moved so that they open when the film does.
pub(super) fn readings(recordings: &[Recording]) -> anyhow::Result<Vec<Readings>> {
    let opens = |format| {
        let of = recordings
            .iter()
            .filter(move |r: &&Recording| r.format == format);
        of.filter_map(|r| Some((r, r.opens?)))
    };
    let Some((_, film)) = opens(Format::Fmv).next() else {
        return Ok(Vec::new());
    };
    let becomes = Observed::from_unix_us(film.unix_us() + (LATER_S * 1e6) as i64)?;
    opens(Format::Sensor)
        .map(|(recording, opens)| Readings::read(&recording.path, opens, becomes))
        .collect()
}

/// Puts the recordings that a drone sends live into the centre's configuration.
pub(super) fn configure(dir: &Path, recordings: Vec<Recording>) -> anyhow::Result<Players> {
    let mut config = Config::load(dir)?;
    let mut players = Vec::new();
    for recording in recordings {
        let scheme = match recording.format {
            Format::Fmv => "udp",
            Format::Mavlink => "mavlink+udp",
            _ => continue,
        };
        let port = free_port()?;
        config.feeds.push(FeedConfig {
            id: FeedId::new(format!("{}-live", recording.id))?,
            source: Some(recording.source.parse()?),
            format: Some(recording.format),
            path: None,
            token_file: None,
            stale_s: None,
            lost_s: None,
            look: recording.format == Format::Fmv,
            live: Some(format!("{scheme}://127.0.0.1:{port}").parse()?),
        });
        let target: Target = format!("udp://127.0.0.1:{port}")
            .parse()
            .map_err(anyhow::Error::msg)?;
        players.push((recording.path, target));
    }
    config.save(dir)?;
    Ok(Players(players))
}

/// A port that nobody listens on now.
fn free_port() -> anyhow::Result<u16> {
    let socket = UdpSocket::bind("127.0.0.1:0").context("looking for a free port")?;
    Ok(socket.local_addr()?.port())
}

impl Players {
    /// Plays them, each on a thread of its own, until the process ends.
    pub(super) fn start(self) {
        for (path, target) in self.0 {
            std::thread::spawn(move || {
                if let Err(error) = forever(&path, target) {
                    eprintln!("{}: {}", path.display(), crate::tell::why(&error));
                }
            });
        }
    }
}

fn forever(path: &Path, target: Target) -> anyhow::Result<()> {
    let options = PlayOptions {
        repeat: true,
        clock: ClockOffset::Seconds(LATER_S),
        ..PlayOptions::default()
    };
    let mut tell = |word: String| tracing::info!("{word}");
    let (targets, never) = ([target], CancellationToken::new());
    let played = play(path, &targets, &options, &mut tell, never);
    super::live::runtime()?.block_on(played)?;
    Ok(())
}
