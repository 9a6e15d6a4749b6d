//! Finding peers in the same network without a tracker (BEP 14, local service discovery).
//!
//! Torrents are announced to two multicast groups that routers do not pass on; who has the same torrent calls. Anybody
//! in the network sees the infohashes, so it can be left out: without a [`LocalDiscovery`] nothing is sent or heard.
//!
//! Bounds: [`message::MAX_HASHES`] torrents of one announcement are looked at, [`WAITING`] found peers wait to be
//! fetched (more are lost, and come again in five minutes), [`HEARD_PER_SECOND`] announcements a second are read. Only
//! addresses that cannot come from outside count: private, link-local and unique local ones.

mod message;
mod schedule;

use osp_swarm::InfoHash;
use schedule::Schedule;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    net::UdpSocket,
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::Instant,
};

/// The groups, and their port.
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(239, 192, 152, 143);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff15, 0, 0, 0, 0, 0, 0xefc0, 0x988f);
/// The port of BEP 14.
pub const PORT: u16 = 6771;
/// Found peers that wait to be fetched.
pub const WAITING: usize = 64;
/// Announcements read in a second.
pub const HEARD_PER_SECOND: u32 = 50;

/// Settings.
#[derive(Clone, Debug)]
pub struct LocalConfig {
    /// Where we take TCP connections.
    pub listening: u16,
    /// The groups' port: [`PORT`], but for tests.
    pub port: u16,
    /// Whether the loopback interface is announced on and heard, for tests on one machine.
    pub loopback: bool,
}

impl LocalConfig {
    /// For a client that takes connections at this port.
    #[must_use]
    pub fn new(listening: u16) -> Self {
        Self { listening, port: PORT, loopback: false }
    }
}

/// Somebody near has a torrent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalPeer {
    /// The torrent.
    pub infohash: InfoHash,
    /// Where to call, by TCP or uTP. Never to be logged.
    pub address: SocketAddr,
}

/// Announces and hears. Ends when dropped.
pub struct LocalDiscovery {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// Keeps a torrent announced until it is dropped.
pub struct Announced {
    shared: Arc<Shared>,
    infohash: InfoHash,
}

struct Shared {
    schedule: Mutex<Schedule>,
    changed: Notify,
    cookie: String,
    listening: u16,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LocalDiscovery {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        self.shared.lock().remove(self.infohash);
    }
}

impl LocalDiscovery {
    /// Joins the groups. What is found comes out of the channel.
    ///
    /// # Errors
    /// Neither group could be joined on any interface.
    pub fn start(config: &LocalConfig) -> io::Result<(Self, mpsc::Receiver<LocalPeer>)> {
        let mut cookie = [0; 8];
        getrandom::fill(&mut cookie).map_err(io::Error::other)?;
        let shared = Arc::new(Shared {
            schedule: Mutex::default(),
            changed: Notify::new(),
            cookie: data_encoding::HEXLOWER.encode(&cookie),
            listening: config.listening,
        });
        let (v4, v6) = (Group::join_v4(config), Group::join_v6(config));
        let groups = match (v4, v6) {
            (Err(error), Err(_)) => return Err(error),
            (v4, v6) => v4.into_iter().chain(v6).collect(),
        };
        let (sender, found) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(groups, shared.clone(), sender));
        Ok((Self { shared, task }, found))
    }

    /// Announces a torrent, and finds peers for it, until the result is dropped.
    #[must_use]
    pub fn announce(&self, infohash: InfoHash) -> Announced {
        self.shared.lock().add(infohash, Instant::now().into_std());
        self.shared.changed.notify_one();
        Announced { shared: self.shared.clone(), infohash }
    }
}

/// A multicast group on the interfaces it could be joined on.
struct Group {
    socket: UdpSocket,
    address: SocketAddr,
    /// By address for IPv4, by number for IPv6.
    interfaces: Vec<Interface>,
}

enum Interface {
    V4(Ipv4Addr),
    V6(u32),
}

impl Group {
    fn join_v4(config: &LocalConfig) -> io::Result<Self> {
        let socket = open((Ipv4Addr::UNSPECIFIED, config.port).into())?;
        socket.set_multicast_loop_v4(true)?;
        let mut interfaces = Vec::new();
        for interface in usable(config)? {
            if let IpAddr::V4(ip) = interface.ip()
                && socket.join_multicast_v4(&GROUP_V4, &ip).is_ok()
            {
                interfaces.push(Interface::V4(ip));
            }
        }
        Self::of(socket, (GROUP_V4, config.port).into(), interfaces)
    }

    fn join_v6(config: &LocalConfig) -> io::Result<Self> {
        let socket = open((Ipv6Addr::UNSPECIFIED, config.port).into())?;
        socket.set_multicast_loop_v6(true)?;
        let mut numbers: Vec<u32> = usable(config)?
            .into_iter()
            .filter(|interface| interface.ip().is_ipv6())
            .filter_map(|interface| interface.index)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|number| socket.join_multicast_v6(&GROUP_V6, *number).is_ok());
        Self::of(socket, (GROUP_V6, config.port).into(), numbers.into_iter().map(Interface::V6).collect())
    }

    fn of(socket: socket2::Socket, address: SocketAddr, interfaces: Vec<Interface>) -> io::Result<Self> {
        if interfaces.is_empty() {
            let what = "no network interface takes part in local discovery";
            return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, what));
        }
        Ok(Self { socket: UdpSocket::from_std(socket.into())?, address, interfaces })
    }

    /// Sends to the group on each interface. What cannot be sent is left: the next announcement may pass.
    async fn send(&self, text: &str) {
        for interface in &self.interfaces {
            let socket = socket2::SockRef::from(&self.socket);
            let chosen = match interface {
                Interface::V4(ip) => socket.set_multicast_if_v4(ip),
                Interface::V6(number) => socket.set_multicast_if_v6(*number),
            };
            if chosen.is_ok() {
                let _ = self.socket.send_to(text.as_bytes(), self.address).await;
            }
        }
    }
}

fn open(address: SocketAddr) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::DGRAM, None)?;
    // Other clients on this machine listen there too.
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn usable(config: &LocalConfig) -> io::Result<Vec<if_addrs::Interface>> {
    let mut all = if_addrs::get_if_addrs()?;
    all.retain(|interface| config.loopback || !interface.is_loopback());
    Ok(all)
}

async fn run(groups: Vec<Group>, shared: Arc<Shared>, found: mpsc::Sender<LocalPeer>) {
    let (first, second) = (groups.first(), groups.get(1));
    let (mut here, mut there) = ([0; message::MAX_BYTES], [0; message::MAX_BYTES]);
    let mut allowance = Allowance::new();
    loop {
        let next = shared.lock().next();
        tokio::select! {
            heard = receive(first, &mut here) => hear(&here, heard, &shared, &mut allowance, &found),
            heard = receive(second, &mut there) => hear(&there, heard, &shared, &mut allowance, &found),
            () = shared.changed.notified() => {}
            () = due(next) => {
                let infohashes = shared.lock().take(Instant::now().into_std());
                if !infohashes.is_empty() {
                    for group in &groups {
                        group.send(&message::write(group.address, shared.listening, &infohashes, &shared.cookie)).await;
                    }
                }
            }
        }
    }
}

async fn due(next: Option<std::time::Instant>) {
    match next {
        Some(next) => tokio::time::sleep_until(next.into()).await,
        None => std::future::pending().await,
    }
}

/// Bytes received and from whom; waits for ever without a group.
async fn receive(group: Option<&Group>, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
    let Some(group) = group else { return std::future::pending().await };
    match group.socket.recv_from(buffer).await {
        Ok(received) => Some(received),
        Err(_) => {
            // A lasting error must not spin.
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

fn hear(
    buffer: &[u8],
    received: Option<(usize, SocketAddr)>,
    shared: &Shared,
    allowance: &mut Allowance,
    found: &mpsc::Sender<LocalPeer>,
) {
    let Some((length, source)) = received else { return };
    if !is_near(source.ip()) || !allowance.take() {
        return;
    }
    let Some(said) = message::read(&buffer[..length]) else { return };
    if said.cookie == Some(&shared.cookie) {
        return;
    }
    let mut address = source;
    address.set_port(said.port);
    for infohash in said.infohashes {
        if shared.lock().holds(infohash) {
            let _ = found.try_send(LocalPeer { infohash, address });
        }
    }
}

/// Whether an address can only be in this network.
fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.is_unique_local() || v6.is_loopback(),
    }
}

/// [`HEARD_PER_SECOND`], counted by the second.
struct Allowance {
    second: Instant,
    left: u32,
}

impl Allowance {
    fn new() -> Self {
        Self { second: Instant::now(), left: HEARD_PER_SECOND }
    }

    fn take(&mut self) -> bool {
        if self.second.elapsed() >= Duration::from_secs(1) {
            *self = Self::new();
        }
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_network_count() {
        for near in ["192.168.1.2", "10.0.0.1", "172.16.3.4", "169.254.7.7", "fe80::1", "fd00::1"] {
            assert!(is_near(near.parse().expect("an address")), "{near}");
        }
        for far in ["93.184.216.34", "2a00::1", "100.64.0.1", "0.0.0.0", "224.0.0.1"] {
            assert!(!is_near(far.parse().expect("an address")), "{far}");
        }
    }
}
