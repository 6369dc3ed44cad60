//! Where a live source is, and how it is spoken to.
//!
//! ```text
//! scheme://[user[:password]@]host[:port][/path][?option=value&…]
//! scheme://[user[:password]@]host[:port][/path][?query of the server][#option=value&…]    http, https, rtsp
//! file:PATH   poll+file:PATH   mavlink+serial:PATH[?option=value&…]   -
//! ```
//!
//! User, password and option values may be percent-encoded (RFC 3986, 2.1).

mod config;
mod options;
mod scheme;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use truceline_intake::Format;
use url::Url;

pub use options::{Mode, Options, Secret, Transport};
pub(crate) use scheme::Scheme;

/// The longest address.
const MAX_ADDRESS_BYTES: usize = 4096;

/// A live source: where it is and how it is spoken to. Neither [`fmt::Debug`] nor [`fmt::Display`]
/// show its password; [`serde::Serialize`] writes the address as it was given, with it, since that
/// is what the configuration holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    pub(crate) scheme: Scheme,
    /// Without brackets; empty means any address of this machine.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// A file's path; of web addresses path and query.
    pub(crate) path: String,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) options: Options,
    /// The address as it was given.
    given: Secret,
    /// Options that were given beside it.
    beside: Vec<(String, String)>,
}

/// An address that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{address}: {why}")]
pub struct SourceError {
    /// The address without its password.
    pub address: String,
    /// What was seen and what was expected.
    pub why: String,
}

impl Source {
    /// From an address and options beside it.
    ///
    /// # Errors
    /// When the address or an option is not what it must be.
    pub fn new(address: &str, beside: &[(String, String)]) -> Result<Self, SourceError> {
        parse(address, beside).map_err(|why| SourceError {
            address: redacted(address),
            why,
        })
    }

    /// The format that its bytes are in, where its address tells; for others the bytes tell.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.scheme.format()
    }

    /// Whether a text on the command line is the address of a live source, rather than a file, `-`
    /// or a web page that is read once.
    #[must_use]
    pub fn is_live(text: &str) -> bool {
        let Some((scheme, _)) = split_scheme(text) else {
            return false;
        };
        !matches!(
            scheme,
            Scheme::File | Scheme::Stdin | Scheme::Http | Scheme::Https
        )
    }

    /// Any text that may be an address, with `***` for its password: for telling of it.
    #[must_use]
    pub fn shown(text: &str) -> String {
        redacted(text)
    }

    /// Host and port, as people write them.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// As a web address without user and password. `scheme` is the one to write.
    pub(crate) fn web(&self, scheme: &str) -> Result<Url, String> {
        let text = format!("{scheme}://{}{}", self.authority(), self.path);
        Url::parse(&text).map_err(|e| format!("{text}: {e}"))
    }

    /// Its password: the one in the address, or the file's first line.
    pub(crate) fn password(&self) -> Result<Option<String>, String> {
        if let Some(path) = &self.options.password_file {
            let text = std::fs::read_to_string(path)
                .map_err(|e| format!("password_file {}: {e}", path.display()))?;
            return Ok(Some(text.lines().next().unwrap_or_default().to_owned()));
        }
        Ok(self.password.as_ref().map(|s| s.0.clone()))
    }

    /// The file it names.
    pub(crate) fn file(&self) -> PathBuf {
        PathBuf::from(&self.path)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redacted(&self.given.0))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({self}, {:?})", self.options)
    }
}

impl FromStr for Source {
    type Err = SourceError;
    fn from_str(text: &str) -> Result<Self, SourceError> {
        Self::new(text, &[])
    }
}

/// Splits the scheme off; `None` when there is none that is known.
fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    if text == "-" {
        return Some((Scheme::Stdin, ""));
    }
    let (word, rest) = text.split_once(':')?;
    let scheme = Scheme::ALL
        .into_iter()
        .find(|s| s.as_str().eq_ignore_ascii_case(word))?;
    if scheme.is_path() {
        return Some((scheme, rest.strip_prefix("//").unwrap_or(rest)));
    }
    Some((scheme, rest.strip_prefix("//")?))
}

fn parse(address: &str, beside: &[(String, String)]) -> Result<Source, String> {
    if address.len() > MAX_ADDRESS_BYTES {
        return Err(format!(
            "it has {} bytes; an address has at most {MAX_ADDRESS_BYTES}",
            address.len()
        ));
    }
    if let Some(bad) = address.chars().find(|c| c.is_control()) {
        return Err(format!("it holds the control character {bad:?}"));
    }
    let (scheme, rest) = split_scheme(address).ok_or_else(|| {
        let all: Vec<_> = Scheme::ALL.iter().map(|s| s.as_str()).collect();
        format!(
            "it does not begin as a live source's address does; expected one of {}, then ://",
            all.join(", ")
        )
    })?;
    let mark = if scheme.is_web() { '#' } else { '?' };
    let (place, within) = rest.split_once(mark).unwrap_or((rest, ""));
    let mut source = Source {
        scheme,
        host: String::new(),
        port: 0,
        path: String::new(),
        user: None,
        password: None,
        options: Options::default(),
        given: Secret(address.to_owned()),
        beside: beside.to_vec(),
    };
    if scheme.is_path() {
        source.path = place.to_owned();
        if place.is_empty() && scheme != Scheme::Stdin {
            return Err("no file is named after the colon".to_owned());
        }
    } else {
        source.place(place)?;
    }
    for pair in within.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| format!("option {pair:?} has no value; expected name=value"))?;
        source.options.set(scheme, name, &decoded(value)?)?;
    }
    for (name, value) in beside {
        source.options.set(scheme, name, value)?;
    }
    source.check()
}

impl Source {
    /// Reads `[user[:password]@]host[:port][/path]`.
    fn place(&mut self, place: &str) -> Result<(), String> {
        let (authority, path) = match place.find(['/', '?']) {
            Some(at) => place.split_at(at),
            None => (place, ""),
        };
        let host_port = match authority.rsplit_once('@') {
            Some((who, host_port)) => {
                let (user, password) = match who.split_once(':') {
                    Some((user, password)) => (user, Some(decoded(password)?)),
                    None => (who, None),
                };
                self.user = Some(decoded(user)?).filter(|u| !u.is_empty());
                self.password = password.map(Secret);
                host_port
            }
            None => authority,
        };
        let (host, port) = split_port(host_port)?;
        self.host = host.to_owned();
        self.path = path.to_owned();
        if self.scheme.is_web() && !self.path.starts_with('/') {
            self.path.insert(0, '/');
        } else if !self.scheme.is_web() && !matches!(path, "" | "/") {
            return Err(format!(
                "the path {path:?} means nothing to {}",
                self.scheme.as_str()
            ));
        }
        self.port = port.or(self.scheme.port()).ok_or_else(|| {
            format!(
                "no port is named; expected {}://HOST:PORT",
                self.scheme.as_str()
            )
        })?;
        if self.host.is_empty() && !self.scheme.may_listen() {
            return Err(format!(
                "no host is named; expected {}://HOST",
                self.scheme.as_str()
            ));
        }
        Ok(())
    }

    /// Holds the parts against each other.
    fn check(self) -> Result<Self, String> {
        let options = &self.options;
        if options.cert.is_some() != options.key.is_some() {
            return Err("of cert and key only one is named; both are needed".to_owned());
        }
        let is_mqtt = matches!(self.scheme, Scheme::Mqtt | Scheme::Mqtts);
        if is_mqtt && options.topics.is_empty() {
            return Err(
                "no topic is named; expected topic=FILTER, as in ?topic=sensors/%23".into(),
            );
        }
        if self.user.is_some() && !self.scheme.is_web() && !is_mqtt {
            return Err(format!(
                "{} knows no user and password",
                self.scheme.as_str()
            ));
        }
        if self.scheme.is_web() {
            self.web("http")?;
        }
        Ok(self)
    }
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest
                .split_once(']')
                .ok_or("the bracket of an IPv6 address is not closed")?;
            (host, after.strip_prefix(':'))
        }
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.contains([' ', '@']) || host.matches(':').count() == 1 {
        return Err(format!("{host:?} is no host"));
    }
    let port = match port {
        None | Some("") => None,
        Some(port) => match port.parse::<u16>() {
            Ok(port) if port > 0 => Some(port),
            _ => return Err(format!("{port:?} is no port; expected 1 to 65535")),
        },
    };
    Ok((host, port))
}

fn decoded(text: &str) -> Result<String, String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(|s| s.into_owned())
        .map_err(|_| "a percent-encoded part is not UTF-8".to_owned())
}

/// The address with `***` for its password, also when it is no good address.
fn redacted(address: &str) -> String {
    let cut: String = address.chars().take(200).collect();
    let Some(at) = cut.rfind('@') else {
        // An address too long to tell where its password ends is not shown.
        return if address.contains('@') {
            "…".to_owned()
        } else {
            cut
        };
    };
    let (before, after) = cut.split_at(at);
    let from = before.find("://").map_or(0, |i| i + 3);
    match before.get(from..).and_then(|who| who.find(':')) {
        Some(colon) => format!("{}:***{after}", &before[..from + colon]),
        None => cut,
    }
}
