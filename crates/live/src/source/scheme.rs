//! The kinds of addresses.

use truceline_intake::Format;

/// What an address begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Udp,
    Rtp,
    Rtsp,
    Srt,
    Http,
    Https,
    Tcp,
    Tls,
    File,
    Stdin,
    MavlinkUdp,
    MavlinkTcp,
    MavlinkSerial,
    CotUdp,
    CotTcp,
    CotTls,
    Mqtt,
    Mqtts,
    PollHttp,
    PollHttps,
    PollFile,
}

impl Scheme {
    pub(crate) const ALL: [Self; 21] = [
        Self::Udp,
        Self::Rtp,
        Self::Rtsp,
        Self::Srt,
        Self::Http,
        Self::Https,
        Self::Tcp,
        Self::Tls,
        Self::File,
        Self::Stdin,
        Self::MavlinkUdp,
        Self::MavlinkTcp,
        Self::MavlinkSerial,
        Self::CotUdp,
        Self::CotTcp,
        Self::CotTls,
        Self::Mqtt,
        Self::Mqtts,
        Self::PollHttp,
        Self::PollHttps,
        Self::PollFile,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Rtp => "rtp",
            Self::Rtsp => "rtsp",
            Self::Srt => "srt",
            Self::Http => "http",
            Self::Https => "https",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::File => "file",
            Self::Stdin => "stdin",
            Self::MavlinkUdp => "mavlink+udp",
            Self::MavlinkTcp => "mavlink+tcp",
            Self::MavlinkSerial => "mavlink+serial",
            Self::CotUdp => "cot+udp",
            Self::CotTcp => "cot+tcp",
            Self::CotTls => "cot+tls",
            Self::Mqtt => "mqtt",
            Self::Mqtts => "mqtts",
            Self::PollHttp => "poll+http",
            Self::PollHttps => "poll+https",
            Self::PollFile => "poll+file",
        }
    }

    /// Whether what follows the scheme names a file and no host.
    pub(crate) const fn is_path(self) -> bool {
        matches!(
            self,
            Self::File | Self::Stdin | Self::MavlinkSerial | Self::PollFile
        )
    }

    /// Whether path and query belong to the server, so that options stand after `#`.
    pub(crate) const fn is_web(self) -> bool {
        matches!(
            self,
            Self::Rtsp | Self::Http | Self::Https | Self::PollHttp | Self::PollHttps
        )
    }

    /// The port when the address names none; `None` where one must be named.
    pub(crate) const fn port(self) -> Option<u16> {
        match self {
            Self::Rtsp => Some(554),
            Self::Http | Self::PollHttp => Some(80),
            Self::Https | Self::PollHttps => Some(443),
            Self::MavlinkUdp => Some(14550),
            Self::MavlinkTcp => Some(5760),
            Self::CotUdp => Some(6969),
            Self::CotTcp => Some(8087),
            Self::CotTls => Some(8089),
            Self::Mqtt => Some(1883),
            Self::Mqtts => Some(8883),
            _ => None,
        }
    }

    /// Whether an address without a host means «on this machine, any address».
    pub(crate) const fn may_listen(self) -> bool {
        matches!(
            self,
            Self::Udp | Self::Rtp | Self::Srt | Self::Tcp | Self::MavlinkUdp | Self::CotUdp
        )
    }

    /// The format that such a source carries, where its address tells.
    pub(crate) const fn format(self) -> Option<Format> {
        match self {
            Self::Udp | Self::Rtp | Self::Rtsp | Self::Srt => Some(Format::Fmv),
            Self::MavlinkUdp | Self::MavlinkTcp | Self::MavlinkSerial => Some(Format::Mavlink),
            Self::CotUdp | Self::CotTcp | Self::CotTls => Some(Format::Cot),
            Self::PollHttp | Self::PollHttps | Self::PollFile => Some(Format::Hotspot),
            _ => None,
        }
    }
}
