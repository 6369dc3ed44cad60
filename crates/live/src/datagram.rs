//! Datagrams: unicast and multicast UDP (RFC 768; IGMPv2/v3 and MLD by the operating system).
//!
//! Memory: the operating system's buffer (4 MiB are asked for; the system's own limit,
//! `net.core.rmem_max`, may be less) and one datagram.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use crate::event::Missed;
use crate::run::{Ended, Outlet};
use crate::source::Source;

/// No datagram is longer.
pub(crate) const MAX_DATAGRAM: usize = 65_535;
/// What is asked of the operating system: a second of 32 Mb/s.
const BUFFER_KIB: u32 = 4096;
/// The sender that is followed may be silent so long before another is followed.
const FAITHFUL_FOR: Duration = Duration::from_secs(1);
/// So many datagrams are fetched before others get their turn.
const AT_ONCE: usize = 64;
const SILENCE_S: u32 = 10;
/// How often the operating system is asked how many datagrams it dropped.
const DROPS_EVERY: Duration = Duration::from_secs(2);

/// Makes of datagrams the feed's bytes.
pub(crate) trait Reader: Send {
    /// Takes the next datagram.
    fn take(&mut self, datagram: &[u8], outlet: &Outlet<'_>);
    /// All that was there is taken, or the time of [`Reader::wake`] has come.
    fn flush(&mut self, outlet: &Outlet<'_>);
    /// When [`Reader::flush`] is to be called although nothing comes.
    fn wake(&self) -> Option<Instant> {
        None
    }
    /// Whether all datagrams are parts of one stream, so that only one sender may be followed.
    fn follows_one(&self) -> bool;
}

/// Datagrams whose payloads, one after another, are the feed.
pub(crate) struct Plain {
    bytes: BytesMut,
    follows_one: bool,
}

impl Plain {
    pub(crate) fn new(follows_one: bool) -> Self {
        let bytes = BytesMut::new();
        Self { bytes, follows_one }
    }
}

impl Reader for Plain {
    fn take(&mut self, datagram: &[u8], _: &Outlet<'_>) {
        self.bytes.extend_from_slice(datagram);
    }

    fn flush(&mut self, outlet: &Outlet<'_>) {
        outlet.offer(self.bytes.split().freeze());
    }

    fn follows_one(&self) -> bool {
        self.follows_one
    }
}

/// An MPEG transport stream in datagrams, whole packets of 188 bytes in each as a rule.
pub(crate) async fn transport_stream(source: &Source, outlet: &Outlet<'_>) -> Ended {
    match bind(source).await {
        Ok(socket) => receive(source, &socket, &mut Plain::new(true), outlet).await,
        Err(why) => Ended::Failed(why),
    }
}

/// Reads a socket until it fails.
pub(crate) async fn receive(
    source: &Source,
    socket: &UdpSocket,
    reader: &mut dyn Reader,
    outlet: &Outlet<'_>,
) -> Ended {
    let silence = source.options.timeout(SILENCE_S);
    let mut senders = Senders::new(source.options.from, reader.follows_one());
    let mut drops = Drops::new(socket);
    let mut buffer = vec![0; MAX_DATAGRAM];
    let mut silent_at = Instant::now() + silence;
    let mut told_silence = false;
    loop {
        let wake = reader.wake().map_or(silent_at, |at| at.min(silent_at));
        let ready = tokio::select! {
            biased;
            ready = socket.readable() => Some(ready),
            () = tokio::time::sleep_until(wake.into()) => None,
        };
        if let Some(Err(e)) = ready {
            return Ended::Failed(format!("receiving failed: {e}"));
        }
        let mut came = false;
        for _ in 0..AT_ONCE {
            match socket.try_recv_from(&mut buffer) {
                Ok((len, from)) => {
                    if senders.admit(from, outlet) {
                        came = true;
                        reader.take(buffer.get(..len).unwrap_or_default(), outlet);
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                // An answer to something sent before: nobody was there yet.
                Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(e) => return Ended::Failed(format!("receiving failed: {e}")),
            }
        }
        reader.flush(outlet);
        drops.look(outlet);
        let now = Instant::now();
        if came {
            silent_at = now + silence;
            told_silence = false;
        } else if now >= silent_at {
            silent_at = now + silence;
            if !told_silence {
                told_silence = true;
                senders.forget();
                let why = format!(
                    "no datagram came for {} s; still listening",
                    silence.as_secs()
                );
                outlet.down(why, Some(Duration::ZERO));
            }
        }
    }
}

/// Who is listened to.
struct Senders {
    only: Option<IpAddr>,
    follows_one: bool,
    /// The sender that is followed, and when it was last heard.
    followed: Option<(SocketAddr, Instant)>,
    /// Who was followed before the silence.
    before: Option<SocketAddr>,
}

impl Senders {
    fn new(only: Option<IpAddr>, follows_one: bool) -> Self {
        Self {
            only,
            follows_one,
            followed: None,
            before: None,
        }
    }

    /// Silence was told: whoever comes next is news.
    fn forget(&mut self) {
        self.before = self.followed.take().map(|(who, _)| who).or(self.before);
    }

    fn admit(&mut self, from: SocketAddr, outlet: &Outlet<'_>) -> bool {
        if self
            .only
            .is_some_and(|only| only != from.ip().to_canonical())
        {
            outlet.missing(Missed::OtherSenders, 1);
            return false;
        }
        let now = Instant::now();
        let another = match self.followed {
            None => {
                outlet.heard(from.to_string());
                self.before.is_some_and(|before| before != from)
            }
            Some((followed, _)) if followed == from || !self.follows_one => false,
            Some((_, heard)) if now.duration_since(heard) < FAITHFUL_FOR => {
                outlet.missing(Missed::OtherSenders, 1);
                return false;
            }
            Some(_) => {
                outlet.heard(from.to_string());
                true
            }
        };
        if another && self.follows_one {
            outlet.restarted(format!("another sender: {from}"));
        }
        self.followed = Some((from, now));
        true
    }
}

/// The operating system's count of datagrams that it dropped behind a full buffer, from
/// `/proc/net/udp` (proc_net_udp(5), column `drops`); nothing on systems without it.
struct Drops {
    local: Option<SocketAddr>,
    seen: Option<u64>,
    next: Instant,
}

impl Drops {
    fn new(socket: &UdpSocket) -> Self {
        let local = socket.local_addr().ok();
        Self {
            local,
            seen: local.and_then(dropped),
            next: Instant::now() + DROPS_EVERY,
        }
    }

    fn look(&mut self, outlet: &Outlet<'_>) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + DROPS_EVERY;
        let Some(count) = self.local.and_then(dropped) else {
            return;
        };
        let before = self.seen.replace(count).unwrap_or(count);
        outlet.missing(Missed::SystemBuffer, count.saturating_sub(before));
    }
}

/// The drops of the sockets bound to an address; when several share it, of the least afflicted, so
/// that another program's loss is not told as ours.
fn dropped(local: SocketAddr) -> Option<u64> {
    let (file, address) = match local.ip() {
        IpAddr::V4(ip) => (
            "/proc/net/udp",
            format!("{:08X}", u32::from_ne_bytes(ip.octets())),
        ),
        IpAddr::V6(ip) => {
            let mut words = String::new();
            for word in ip.octets().chunks_exact(4) {
                let word = word.try_into().map_or(0, u32::from_ne_bytes);
                words.push_str(&format!("{word:08X}"));
            }
            ("/proc/net/udp6", words)
        }
    };
    let text = std::fs::read_to_string(file).ok()?;
    least_dropped(&text, &format!("{address}:{:04X}", local.port()))
}

fn least_dropped(text: &str, local: &str) -> Option<u64> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            (words.nth(1)? == local).then(|| words.next_back()?.parse().ok())?
        })
        .min()
}

/// Where a source's host and port are.
pub(crate) async fn resolve(source: &Source) -> Result<SocketAddr, String> {
    if source.host.is_empty() {
        return Ok((Ipv4Addr::UNSPECIFIED, source.port).into());
    }
    let mut found = tokio::net::lookup_host((source.host.as_str(), source.port))
        .await
        .map_err(|e| format!("{} cannot be found: {e}", source.host))?;
    found
        .next()
        .ok_or_else(|| format!("{} has no address", source.host))
}

/// A socket that listens at the source's address; a multicast group is joined.
pub(crate) async fn bind(source: &Source) -> Result<UdpSocket, String> {
    let address = resolve(source).await?;
    listen(source, address).map_err(|e| {
        let hint = match e.kind() {
            io::ErrorKind::AddrNotAvailable => {
                "; the address to listen at must be this machine's own, a multicast group, or left out"
            }
            io::ErrorKind::AddrInUse => "; another program listens there",
            _ => "",
        };
        format!("cannot listen at {address}: {e}{hint}")
    })
}

fn listen(source: &Source, address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    // Several readers of one group on one machine each get their copy. A unicast address is not
    // shared: the system would give each datagram to one of the two.
    let group = address.ip();
    socket.set_reuse_address(group.is_multicast())?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    let buffer = source.options.buffer_kib.unwrap_or(BUFFER_KIB) as usize * 1024;
    socket.set_recv_buffer_size(buffer)?;
    socket.bind(&address.into())?;
    let interface = source.options.interface.as_deref();
    match group {
        IpAddr::V4(group) if group.is_multicast() => {
            socket.join_multicast_v4_n(&group, &interface_v4(interface)?)?;
        }
        IpAddr::V6(group) if group.is_multicast() => {
            let index = interface.map_or(Ok(0), index_of)?;
            socket.join_multicast_v6(&group, index)?;
        }
        _ => {}
    }
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket.into())
}

fn interface_v4(interface: Option<&str>) -> io::Result<InterfaceIndexOrAddress> {
    let Some(interface) = interface else {
        return Ok(InterfaceIndexOrAddress::Address(Ipv4Addr::UNSPECIFIED));
    };
    interface.parse().map_or_else(
        |_| index_of(interface).map(InterfaceIndexOrAddress::Index),
        |address| Ok(InterfaceIndexOrAddress::Address(address)),
    )
}

/// The system's number of an interface (sysfs-class-net, `ifindex`).
fn index_of(name: &str) -> io::Result<u32> {
    let unknown = || {
        let why = format!("{name:?} is no network interface of this machine, nor an IPv4 address");
        io::Error::new(io::ErrorKind::NotFound, why)
    };
    if name.contains('/') || name.starts_with('.') {
        return Err(unknown());
    }
    std::fs::read_to_string(format!("/sys/class/net/{name}/ifindex"))
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_are_read_from_the_systems_table() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
                    4: 0100007F:1388 00000000:0000 07 0:0 00:00000000 00000000     0        0 1 2 0 17\n\
                    5: 0100007F:1388 00000000:0000 07 0:0 00:00000000 00000000     0        0 1 2 0 3\n\
                    6: 00000000:1389 00000000:0000 07 0:0 00:00000000 00000000     0        0 1 2 0 9\n";
        assert_eq!(least_dropped(text, "0100007F:1388"), Some(3));
        assert_eq!(least_dropped(text, "0100007F:1390"), None);
    }
}
