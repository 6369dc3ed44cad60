//! `truceline.toml`: what a centre's folder says about itself. Any value may be given by the
//! environment instead: `TRUCELINE_ORIGIN`, `TRUCELINE_LISTEN`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use truceline_domain::{FeedId, PartyId, SourceId, TheatreId};
use truceline_intake::Format;
use truceline_live::Source;

use crate::live::Patience;

/// The file's name within a centre's folder.
pub const FILE: &str = "truceline.toml";

/// What a centre's folder says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The log's origin: a name without scheme that nobody else uses, e.g.
    /// `joint-centre.example/line`. It is the name of the log's key.
    pub origin: String,
    /// The theatre that feeds belong to.
    pub theatre: TheatreId,
    /// Where `serve` listens.
    #[serde(default = "default_listen")]
    pub listen: String,
    /// The web address by which people's browsers reach the centre, when something stands before it
    /// that speaks TLS, e.g. `https://watch.joint-centre.example`. Passkeys are made for its host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Where TAK clients are told what moves and what was found, as Cursor on Target over TCP, e.g.
    /// `192.168.7.2:8087`. Whoever can reach it reads it; off when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cot_listen: Option<String>,
    /// Who cosigns checkpoints.
    #[serde(default, rename = "witness", skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<WitnessConfig>,
    /// Feeds that `serve` takes in: files when it starts, live ones as long as it runs.
    #[serde(default, rename = "feed", skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<FeedConfig>,
    /// Programs to which each new or changed alert is posted.
    #[serde(default, rename = "webhook", skip_serializing_if = "Vec::is_empty")]
    pub webhooks: Vec<WebhookConfig>,
    /// Members of the sending states whose whereabouts are watched.
    #[serde(default, rename = "member", skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberConfig>,
    /// Gates that tell who passes.
    #[serde(default, rename = "gate", skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateConfig>,
    /// Devices that fill the mission's form and send it by OpenRosa.
    #[serde(default, rename = "form_device", skip_serializing_if = "Vec::is_empty")]
    pub form_devices: Vec<FormDeviceConfig>,
    /// Where members' whereabouts come from live.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whereabouts: Vec<WhereaboutsConfig>,
}

/// A program to which each new or changed alert is posted (Standard Webhooks).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Its web address: `https://…`, or `http://…` to a host of this machine or of a private network.
    pub url: String,
    /// What is posted is signed by the secret that is this file's first line, `whsec_` and 24 to 64 bytes in base64,
    /// relative to the centre's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
}

/// A member of a sending state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberConfig {
    /// A name that tells no more than it must.
    pub id: String,
    /// The sending state.
    pub state: PartyId,
    /// The device: an OwnTracks tracker id or topic, or a CoT uid.
    pub device: String,
    /// The telephone shows the token that is this file's first line, relative to the centre's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
}

/// A gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateConfig {
    /// Its name.
    pub id: String,
    /// It shows the token that is this file's first line, relative to the centre's folder.
    pub token_file: PathBuf,
}

/// A tablet or telephone that fills the mission's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDeviceConfig {
    /// Its name, which is the user's name that the device logs in with.
    pub id: String,
    /// Its password is this file's first line, relative to the centre's folder.
    pub token_file: PathBuf,
}

/// A live source of members' whereabouts, which are watched and not recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhereaboutsConfig {
    /// What it speaks.
    pub format: WhereaboutsFormat,
    /// Where it comes from.
    pub live: Source,
}

/// What a source of whereabouts speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhereaboutsFormat {
    /// OwnTracks, one JSON object a line or message.
    OwnTracks,
    /// Cursor on Target.
    Cot,
}

/// One witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// The name of its key in `record/vkeys`.
    pub name: String,
    /// Where it answers; `/add-checkpoint` is added.
    pub url: String,
}

/// One feed: of a file (`path`), live (`live`), or posted to the centre (neither).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Its name.
    pub id: FeedId,
    /// The source that its observations name when its bytes name none; the feed's name when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// Its format; recognised when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The file, relative to the centre's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Whoever posts observations to this feed shows the token that is this file's first line, relative
    /// to the centre's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// After so many seconds without a byte it counts as stale; usual for the format when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_s: Option<f64>,
    /// And after so many as lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_s: Option<f64>,
    /// Whether its pictures are looked at for flashes, smoke and vehicles (H.264 only).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub look: bool,
    /// Where it comes from live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Source>,
}

impl FeedConfig {
    /// The source that its observations name when its bytes name none.
    #[must_use]
    pub fn source_id(&self) -> SourceId {
        self.source
            .clone()
            .unwrap_or_else(|| SourceId::from(&self.id))
    }

    /// What silences mean, when that is configured.
    #[must_use]
    pub fn patience(&self) -> Option<Patience> {
        let (stale_s, lost_s) = (self.stale_s, self.lost_s);
        (stale_s.is_some() || lost_s.is_some()).then_some(Patience { stale_s, lost_s })
    }
}

/// A configuration that was refused.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// Where in it, what was seen and what was expected.
    pub why: String,
}

/// `https://HOST[:PORT]`, or `http://localhost[:PORT]`: what browsers give passkeys to.
fn is_web_origin(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    !host.contains(['/', '?', '#', '@']) && truceline_record::webauthn::fits(name, url)
}

/// Whether alerts may be posted to an address: over TLS to any, in clear within this machine or a private network alone.
fn is_posted_to(url: &str) -> bool {
    let Ok(uri) = url.parse::<axum::http::Uri>() else {
        return false;
    };
    let (Some(host), false) = (uri.host(), url.contains('@')) else {
        return false;
    };
    let near = || {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        match name.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private(),
            Ok(std::net::IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
            Err(_) => name == "localhost",
        }
    };
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => near(),
        _ => false,
    }
}

fn default_listen() -> String {
    "127.0.0.1:7400".to_owned()
}

impl Config {
    /// Reads `truceline.toml` of a centre's folder, then the environment.
    ///
    /// # Errors
    /// When it cannot be read or a value is wrong; the line is told.
    pub fn load(dir: &Path) -> Result<Self, ConfigError> {
        let path = dir.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|e| {
            let why =
                format!("{e}; a centre's folder is made with `truceline init DIR --theatre DIR`");
            ConfigError {
                path: path.clone(),
                why,
            }
        })?;
        let mut config = Self::parse(&text, &path)?;
        if let Ok(origin) = std::env::var("TRUCELINE_ORIGIN") {
            config.origin = origin;
        }
        if let Ok(listen) = std::env::var("TRUCELINE_LISTEN") {
            config.listen = listen;
        }
        Ok(config)
    }

    /// Reads the file's text; `path` is for errors.
    ///
    /// # Errors
    /// When a value is wrong; the line is told.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|e| {
            let before = e.span().and_then(|s| text.get(..s.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            ConfigError {
                path: path.to_owned(),
                why: format!("line {line}: {}", e.message()),
            }
        })?;
        if let Some(url) = config
            .public_url
            .as_deref()
            .filter(|url| !is_web_origin(url))
        {
            let why = format!(
                "public_url = {url:?}; expected https:// and a host's name, without a path, e.g. https://centre.example"
            );
            return Err(ConfigError {
                path: path.to_owned(),
                why,
            });
        }
        if let Some(webhook) = config.webhooks.iter().find(|w| !is_posted_to(&w.url)) {
            let why = format!(
                "webhook url = {:?}; expected https://…, or http:// to localhost or an address of a private network",
                webhook.url
            );
            return Err(ConfigError {
                path: path.to_owned(),
                why,
            });
        }
        Ok(config)
    }

    /// Writes `truceline.toml` of a centre's folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), ConfigError> {
        let path = dir.join(FILE);
        let text = self.to_text()?;
        std::fs::write(&path, text).map_err(|e| ConfigError {
            path,
            why: e.to_string(),
        })
    }

    /// The file's text.
    ///
    /// # Errors
    /// When a value cannot be written as TOML.
    pub fn to_text(&self) -> Result<String, ConfigError> {
        let body = toml::to_string_pretty(self).map_err(|e| ConfigError {
            path: FILE.into(),
            why: e.to_string(),
        })?;
        Ok(format!(
            "# A centre of truceline. The manual is docs/guide.md.\n{body}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_as_written() {
        let config = Config {
            origin: "centre.example/line".into(),
            theatre: "line".parse().unwrap(),
            listen: default_listen(),
            public_url: Some("https://centre.example".into()),
            cot_listen: Some("127.0.0.1:8087".into()),
            witnesses: vec![WitnessConfig {
                name: "w".into(),
                url: "http://127.0.0.1:1".into(),
            }],
            feeds: vec![FeedConfig {
                id: "drone".parse().unwrap(),
                source: None,
                format: Some(Format::Fmv),
                path: None,
                token_file: None,
                stale_s: Some(4.0),
                lost_s: None,
                look: true,
                live: Some("udp://239.1.2.3:5004".parse().unwrap()),
            }],
            webhooks: vec![WebhookConfig {
                url: "http://127.0.0.1:9/bell".into(),
                secret_file: Some("keys/bell.secret".into()),
            }],
            members: vec![MemberConfig {
                id: "north-07".into(),
                state: "north".parse().unwrap(),
                device: "n7".into(),
                token_file: Some("keys/north-07.token".into()),
            }],
            gates: vec![GateConfig {
                id: "main".into(),
                token_file: "keys/main.token".into(),
            }],
            form_devices: vec![FormDeviceConfig {
                id: "tablet-1".into(),
                token_file: "keys/tablet-1.token".into(),
            }],
            whereabouts: vec![WhereaboutsConfig {
                format: WhereaboutsFormat::OwnTracks,
                live: "mqtt://broker?topic=owntracks/%23".parse().unwrap(),
            }],
        };
        let text = config.to_text().unwrap();
        assert_eq!(Config::parse(&text, Path::new(FILE)).unwrap(), config);
    }

    #[test]
    fn alerts_are_posted_in_clear_to_near_hosts_alone() {
        for fine in [
            "https://bell.example/hook?to=1",
            "http://localhost:9/",
            "http://192.168.7.2/bell",
            "http://[::1]:9/x",
        ] {
            assert!(is_posted_to(fine), "{fine}");
        }
        for wrong in [
            "http://bell.example/",
            "http://169.254.169.254/latest/meta-data",
            "ftp://localhost/",
            "https://ada:secret@bell.example/",
            "file:///etc/passwd",
            "bell",
        ] {
            assert!(!is_posted_to(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_value_is_told_with_its_line() {
        let text = "origin = \"o\"\ntheatre = \"t\"\n\n[[feed]]\nid = \"f\"\npath = \"p\"\nformat = \"cassette\"\n";
        let told = Config::parse(text, Path::new("truceline.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("truceline.toml: line") && told.contains("cassette"),
            "{told}"
        );
        let told = Config::parse(
            "origin = \"o\"\ntheatre = \"t\"\nlisten_on = 1\n",
            Path::new(FILE),
        );
        assert!(told.unwrap_err().to_string().contains("line 3"));
        for url in [
            "http://centre.example",
            "https://centre.example/here",
            "centre",
            "ftp://x",
        ] {
            let text = format!("origin = \"o\"\ntheatre = \"t\"\npublic_url = {url:?}\n");
            let told = Config::parse(&text, Path::new(FILE))
                .unwrap_err()
                .to_string();
            assert!(told.contains("public_url"), "{told}");
        }
    }
}
