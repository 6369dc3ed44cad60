//! An RTSP source: what the server sends, as a transport stream.
//!
//! The session is the crate `retina`'s: basic and digest authentication (RFC 2617), media within
//! the RTSP connection or as datagrams. What comes:
//!
//! * MPEG transport streams (`MP2T`, RFC 2250) as they are;
//! * H.264 (RFC 6184), H.265 (RFC 7798) and KLV (`SMPTE336M`, RFC 6597) muxed into a transport stream
//!   without loss ([`crate::mux`]). RTP carries no decoding times and none are invented. Parameter
//!   sets that the server tells in its description only are put before the pictures that begin a
//!   sequence.
//!
//! Other streams, such as sound, are left alone. Memory: one access unit a stream
//! ([`MAX_UNIT`](crate::rtp::depacketize::MAX_UNIT)), and what `retina` holds of one message.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use futures_util::StreamExt as _;
use retina::client::{
    Credentials, Described, InitialTimestampPolicy, PacketItem, PlayOptions, Playing, Session,
    SessionOptions, SetupOptions, TcpTransportOptions, UdpTransportOptions,
};

use super::sdp::ParameterSets;
use crate::event::Missed;
use crate::mux::{Carried, Muxer, NalUnits, Unit, is_random_access, nal_kind};
use crate::rtp::depacketize::{Assembled, Depacketizer};
use crate::run::{Ended, Outlet};
use crate::source::{Source, Transport};

/// So long each request may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const SILENCE_S: u32 = 10;
/// The first time stamp, 90 kHz, so that the clock reference can be behind it.
const FIRST_90K: i64 = 90_000;
/// What comes together is told together after so long.
const TOGETHER: Duration = Duration::from_millis(5);

/// A session, from its beginning to its end.
pub(crate) async fn session(source: &Source, outlet: &Outlet<'_>) -> Ended {
    match open(source).await {
        Ok((session, mut streams)) => {
            outlet.connected(source.authority());
            let silence = source.options.timeout(SILENCE_S);
            Ended::Failed(read(session, &mut streams, silence, outlet).await)
        }
        Err(why) => Ended::Failed(why),
    }
}

/// What becomes of the server's streams, by their number there.
struct Streams {
    kinds: Vec<Kind>,
    muxer: Muxer,
    out: BytesMut,
}

enum Kind {
    /// Not set up.
    Left,
    /// The transport stream itself.
    Transport,
    /// A stream to be muxed as number so-and-so.
    Elementary {
        number: usize,
        carried: Carried,
        depacketizer: Depacketizer<i64>,
        rate_hz: u32,
        parameters: ParameterSets,
    },
}

async fn open(source: &Source) -> Result<(Session<Playing>, Streams), String> {
    let credentials = match &source.user {
        Some(user) => Some(Credentials {
            username: user.clone(),
            password: source.password()?.unwrap_or_default(),
        }),
        None => None,
    };
    let options = SessionOptions::default()
        .creds(credentials)
        .user_agent(concat!("truceline/", env!("CARGO_PKG_VERSION")).to_owned());
    let url = source.web("rtsp")?;
    let mut session = in_time("DESCRIBE", Session::describe(url, options)).await?;
    let streams = choose(&session)?;
    for index in 0..streams.kinds.len() {
        if !matches!(streams.kinds.get(index), None | Some(Kind::Left)) {
            let transport = match source.options.transport {
                Some(Transport::Udp) => {
                    retina::client::Transport::Udp(UdpTransportOptions::default())
                }
                _ => retina::client::Transport::Tcp(TcpTransportOptions::default()),
            };
            let setup = SetupOptions::default().transport(transport);
            in_time("SETUP", session.setup(index, setup)).await?;
        }
    }
    let options = PlayOptions::default().initial_timestamp(InitialTimestampPolicy::Permissive);
    let session = in_time("PLAY", session.play(options)).await?;
    Ok((session, streams))
}

async fn in_time<T>(
    request: &str,
    answer: impl Future<Output = Result<T, retina::Error>>,
) -> Result<T, String> {
    match tokio::time::timeout(ANSWER_WITHIN, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(e)) => Err(told(request, &e)),
        Err(_) => Err(format!(
            "{request} was not answered within {} s",
            ANSWER_WITHIN.as_secs()
        )),
    }
}

/// The crate's words in one line, with a person's words for what is met most.
fn told(request: &str, e: &retina::Error) -> String {
    let hint = match e.status_code() {
        Some(401 | 403) => "user or password are refused: ",
        Some(404) => "there is no such path: ",
        _ => "",
    };
    let words: Vec<_> = e
        .to_string()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let words: String = words.join(" ").chars().take(300).collect();
    format!("{request} failed: {hint}{words}")
}

/// What is taken of what the server offers.
fn choose(session: &Session<Described>) -> Result<Streams, String> {
    let sdp = String::from_utf8_lossy(session.sdp()).into_owned();
    let mut carried = Vec::new();
    let mut offered = Vec::new();
    let mut kinds = Vec::new();
    for stream in session.streams() {
        let name = stream.encoding_name();
        offered.push(format!("{}/{name}", stream.media()));
        let elementary = match name {
            "mp2t" => {
                kinds.push(Kind::Transport);
                continue;
            }
            "h264" => Carried::H264,
            "h265" => Carried::H265,
            "smpte336m" => Carried::KlvSync,
            _ => {
                kinds.push(Kind::Left);
                continue;
            }
        };
        let parameters = ParameterSets::read(&sdp, stream.rtp_payload_type());
        kinds.push(Kind::Elementary {
            number: carried.len(),
            carried: elementary,
            depacketizer: Depacketizer::new(elementary),
            rate_hz: stream.clock_rate_hz(),
            parameters,
        });
        carried.push(elementary);
    }
    if kinds.iter().all(|k| matches!(k, Kind::Left)) {
        return Err(format!(
            "the server offers {}; expected H264, H265, SMPTE336M or MP2T",
            if offered.is_empty() {
                "nothing".to_owned()
            } else {
                offered.join(", ")
            }
        ));
    }
    // A transport stream is whole; elementary streams beside it would be the same again.
    if kinds.iter().any(|k| matches!(k, Kind::Transport)) {
        for kind in &mut kinds {
            if matches!(kind, Kind::Elementary { .. }) {
                *kind = Kind::Left;
            }
        }
    }
    number(&mut kinds, &mut carried);
    Ok(Streams {
        kinds,
        muxer: Muxer::new(&carried),
        out: BytesMut::new(),
    })
}

/// Pictures come first, so that the stream's clock runs on them.
fn number(kinds: &mut [Kind], carried: &mut [Carried]) {
    let mut order: Vec<usize> = (0..carried.len()).collect();
    order.sort_by_key(|i| !carried.get(*i).is_some_and(|c| c.is_video()));
    for kind in kinds {
        if let Kind::Elementary { number, .. } = kind {
            *number = order.iter().position(|i| i == number).unwrap_or(*number);
        }
    }
    carried.sort_by_key(|c| !c.is_video());
}

async fn read(
    session: Session<Playing>,
    streams: &mut Streams,
    silence: Duration,
    outlet: &Outlet<'_>,
) -> String {
    let mut session = std::pin::pin!(session);
    let mut told_at = Instant::now();
    loop {
        let item = match tokio::time::timeout(silence, session.next()).await {
            Err(_) => return format!("nothing came for {} s", silence.as_secs()),
            Ok(None) => return "the server ended the session".to_owned(),
            Ok(Some(Err(e))) => return told("the session", &e),
            Ok(Some(Ok(item))) => item,
        };
        let PacketItem::Rtp(packet) = item else {
            continue;
        };
        outlet.missing(Missed::RtpPackets, u64::from(packet.loss()));
        let ended = streams.take(&packet, outlet);
        // A picture's last packet is told at once; packets of a transport stream go together.
        if ended || told_at.elapsed() >= TOGETHER {
            told_at = Instant::now();
            outlet.offer(streams.out.split().freeze());
        }
    }
}

impl Streams {
    /// Takes a packet; tells whether an access unit ended with it.
    fn take(&mut self, packet: &retina::rtp::ReceivedPacket, outlet: &Outlet<'_>) -> bool {
        let Self { kinds, muxer, out } = self;
        match kinds.get_mut(packet.stream_id()) {
            Some(Kind::Transport) => {
                out.extend_from_slice(packet.payload());
                packet.mark()
            }
            Some(Kind::Elementary {
                number,
                carried,
                depacketizer,
                rate_hz,
                parameters,
            }) => {
                let time = packet.timestamp().elapsed();
                let mut ended = false;
                let mut give = |unit: Assembled<i64>| {
                    ended = true;
                    if unit.damaged {
                        outlet.missing(Missed::AccessUnits, 1);
                    }
                    if !unit.data.is_empty() {
                        let data = parameters.complete(*carried, &unit.data);
                        let unit = Unit {
                            pts_90k: pts_90k(unit.time, *rate_hz),
                            dts_90k: None,
                            data: data.as_deref().unwrap_or(&unit.data),
                        };
                        muxer.write(*number, unit, out);
                    }
                };
                let lost = packet.loss() > 0;
                depacketizer.push(time, packet.mark(), lost, packet.payload(), &mut give);
                ended
            }
            Some(Kind::Left) | None => false,
        }
    }
}

/// A stream's time from its beginning in a transport stream's time.
fn pts_90k(elapsed: i64, rate_hz: u32) -> u64 {
    let scaled = i128::from(elapsed) * 90_000 / i128::from(rate_hz.max(1));
    let from_first = scaled + i128::from(FIRST_90K);
    u64::try_from(from_first.max(0)).unwrap_or(0)
}

impl ParameterSets {
    /// The access unit with the parameter sets before it, when it begins a sequence and has none.
    fn complete(&self, carried: Carried, data: &[u8]) -> Option<Vec<u8>> {
        let h265 = carried == Carried::H265;
        if self.is_empty()
            || !carried.is_video()
            || !is_random_access(data, h265)
            || NalUnits::new(data)
                .filter_map(|unit| nal_kind(unit, h265))
                .any(|kind| matches!((h265, kind), (false, 7) | (true, 33)))
        {
            return None;
        }
        Some(self.annex_b_before(data, h265))
    }
}
