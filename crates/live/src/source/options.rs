//! What may be said beside an address.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::scheme::Scheme;

/// Who opens the connection, or how a datagram socket is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// This side calls the address.
    Connect,
    /// This side waits at the address.
    Listen,
}

/// What carries the media of an RTSP session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Within the RTSP connection: nothing is lost on the way.
    Tcp,
    /// Beside it, as datagrams.
    Udp,
}

/// A word that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What may be said beside an address; each has a default. The operator's page (`docs/live.md`)
/// tells which address takes which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// `interface`: the network interface, by name or address, on which a multicast group is joined.
    pub interface: Option<String>,
    /// `mode`: `listen` or `connect`.
    pub mode: Option<Mode>,
    /// `from`: datagrams of other senders are not taken.
    pub from: Option<IpAddr>,
    /// `transport`: `tcp` or `udp`, for RTSP.
    pub transport: Option<Transport>,
    /// `timeout_s`: so long nothing may come before the source counts as down, seconds.
    pub timeout_s: Option<u32>,
    /// `reorder_ms`: how long an RTP packet is waited for, milliseconds.
    pub reorder_ms: Option<u32>,
    /// `buffer_kib`: the operating system's buffer for datagrams, KiB.
    pub buffer_kib: Option<u32>,
    /// `ca`: a PEM file of certificates that are trusted instead of the public web's.
    pub ca: Option<PathBuf>,
    /// `cert`: a PEM file with this side's certificate chain.
    pub cert: Option<PathBuf>,
    /// `key`: a PEM file with its private key.
    pub key: Option<PathBuf>,
    /// `server_name`: the name that the server's certificate must bear, where it is not the host.
    pub server_name: Option<String>,
    /// `password_file`: a file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// `topic`: MQTT topic filters.
    pub topics: Vec<String>,
    /// `client_id`: the name by which the MQTT broker knows this side and keeps what it missed.
    pub client_id: Option<String>,
    /// `stream_id`: which stream an SRT listener is asked for.
    pub stream_id: Option<String>,
    /// `latency_ms`: how long SRT waits for packets that are sent again, milliseconds.
    pub latency_ms: Option<u32>,
    /// `every_s`: seconds between looks at what is polled.
    pub every_s: Option<u32>,
    /// `baud`: the speed of a serial line, bits per second.
    pub baud: Option<u32>,
}

/// A word for an option, the kinds of address that take it, and what it may be.
struct Known {
    name: &'static str,
    applies: fn(Scheme) -> bool,
    set: fn(&mut Options, &str) -> Result<(), &'static str>,
}

fn is_datagram(s: Scheme) -> bool {
    matches!(
        s,
        Scheme::Udp | Scheme::Rtp | Scheme::MavlinkUdp | Scheme::CotUdp
    )
}

fn is_tls(s: Scheme) -> bool {
    matches!(
        s,
        Scheme::Https | Scheme::Tls | Scheme::CotTls | Scheme::Mqtts | Scheme::PollHttps
    )
}

fn number(
    text: &str,
    least: u32,
    most: u32,
    expected: &'static str,
) -> Result<Option<u32>, &'static str> {
    match text.parse() {
        Ok(n) if (least..=most).contains(&n) => Ok(Some(n)),
        _ => Err(expected),
    }
}

const KNOWN: &[Known] = &[
    Known {
        name: "interface",
        applies: is_datagram,
        set: |o, v| {
            o.interface = Some(v.to_owned());
            Ok(())
        },
    },
    Known {
        name: "mode",
        applies: |s| matches!(s, Scheme::Srt | Scheme::Tcp | Scheme::MavlinkUdp),
        set: |o, v| {
            o.mode = Some(match v {
                "listen" | "listener" => Mode::Listen,
                "connect" | "caller" => Mode::Connect,
                _ => return Err("listen or connect"),
            });
            Ok(())
        },
    },
    Known {
        name: "from",
        applies: is_datagram,
        set: |o, v| {
            o.from = Some(v.parse().map_err(|_| "an IP address")?);
            Ok(())
        },
    },
    Known {
        name: "transport",
        applies: |s| s == Scheme::Rtsp,
        set: |o, v| {
            o.transport = Some(match v {
                "tcp" => Transport::Tcp,
                "udp" => Transport::Udp,
                _ => return Err("tcp or udp"),
            });
            Ok(())
        },
    },
    Known {
        name: "timeout_s",
        applies: |s| !matches!(s, Scheme::File | Scheme::Stdin),
        set: |o, v| {
            o.timeout_s = number(v, 1, 86_400, "seconds, 1 to 86400")?;
            Ok(())
        },
    },
    Known {
        name: "reorder_ms",
        applies: |s| s == Scheme::Rtp,
        set: |o, v| {
            o.reorder_ms = number(v, 0, 5000, "milliseconds, 0 to 5000")?;
            Ok(())
        },
    },
    Known {
        name: "buffer_kib",
        applies: is_datagram,
        set: |o, v| {
            o.buffer_kib = number(v, 64, 262_144, "KiB, 64 to 262144")?;
            Ok(())
        },
    },
    Known {
        name: "ca",
        applies: is_tls,
        set: |o, v| {
            o.ca = Some(v.into());
            Ok(())
        },
    },
    Known {
        name: "cert",
        applies: is_tls,
        set: |o, v| {
            o.cert = Some(v.into());
            Ok(())
        },
    },
    Known {
        name: "key",
        applies: is_tls,
        set: |o, v| {
            o.key = Some(v.into());
            Ok(())
        },
    },
    Known {
        name: "server_name",
        applies: is_tls,
        set: |o, v| {
            o.server_name = Some(v.to_owned());
            Ok(())
        },
    },
    Known {
        name: "password_file",
        applies: |s| s.is_web() || matches!(s, Scheme::Mqtt | Scheme::Mqtts),
        set: |o, v| {
            o.password_file = Some(v.into());
            Ok(())
        },
    },
    Known {
        name: "topic",
        applies: |s| matches!(s, Scheme::Mqtt | Scheme::Mqtts),
        set: |o, v| {
            if v.is_empty() || v.len() > 65_535 {
                return Err("an MQTT topic filter, as in sensors/+/readings");
            }
            o.topics.push(v.to_owned());
            Ok(())
        },
    },
    Known {
        name: "client_id",
        applies: |s| matches!(s, Scheme::Mqtt | Scheme::Mqtts),
        set: |o, v| {
            o.client_id = Some(v.to_owned());
            Ok(())
        },
    },
    Known {
        name: "stream_id",
        applies: |s| s == Scheme::Srt,
        set: |o, v| {
            if v.len() > 512 {
                return Err("at most 512 bytes");
            }
            o.stream_id = Some(v.to_owned());
            Ok(())
        },
    },
    Known {
        name: "latency_ms",
        applies: |s| s == Scheme::Srt,
        set: |o, v| {
            o.latency_ms = number(v, 20, 8000, "milliseconds, 20 to 8000")?;
            Ok(())
        },
    },
    Known {
        name: "every_s",
        applies: |s| matches!(s, Scheme::PollHttp | Scheme::PollHttps | Scheme::PollFile),
        set: |o, v| {
            o.every_s = number(v, 1, 86_400, "seconds, 1 to 86400")?;
            Ok(())
        },
    },
    Known {
        name: "baud",
        applies: |s| s == Scheme::MavlinkSerial,
        set: |o, v| {
            o.baud = number(v, 300, 4_000_000, "bits per second, 300 to 4000000")?;
            Ok(())
        },
    },
];

impl Options {
    /// Sets the option `name` for an address of `scheme`.
    ///
    /// # Errors
    /// In words, when there is no such option there, or it may not be so.
    pub(super) fn set(&mut self, scheme: Scheme, name: &str, value: &str) -> Result<(), String> {
        // SRT addresses of other programs say `passphrase`; it is refused rather than ignored.
        if scheme == Scheme::Srt && matches!(name, "passphrase" | "pbkeylen") {
            return Err(
                "SRT is spoken without encryption here: take `passphrase` away on both sides and \
                 carry the stream through a tunnel (WireGuard, IPsec)"
                    .to_owned(),
            );
        }
        let Some(known) = KNOWN.iter().find(|k| k.name == name && (k.applies)(scheme)) else {
            let there: Vec<_> = KNOWN
                .iter()
                .filter(|k| (k.applies)(scheme))
                .map(|k| k.name)
                .collect();
            return Err(format!(
                "{name:?} is no option of {}; it takes {}",
                scheme.as_str(),
                if there.is_empty() {
                    "none".to_owned()
                } else {
                    there.join(", ")
                }
            ));
        };
        (known.set)(self, value)
            .map_err(|expected| format!("option {name} is {value:?}; expected {expected}"))
    }

    /// How long nothing may come.
    pub(crate) fn timeout(&self, default_s: u32) -> Duration {
        Duration::from_secs(u64::from(self.timeout_s.unwrap_or(default_s)))
    }
}
