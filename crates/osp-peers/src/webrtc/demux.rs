//! One UDP socket for every connection that we answered.
//!
//! A datagram belongs to the connection that its sender's address was given to; an ICE check names its connection
//! itself, by our half of the user name, which only the two peers and their tracker know. An address changes hands only
//! by such a check: a stranger who puts somebody else's address among his candidates gets nothing of what comes from
//! there.
//!
//! Connections that we *offered* have a socket of their own ([`Inbound::Own`]). Two nodes may well have several
//! connections, one a torrent, and DTLS records carry nothing that tells them apart but the pair of addresses; with the
//! offering side's port new each time, the pair is.

use super::{
    socket::{Arrival, RECEIVE_BYTES, Socket},
    stun,
};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinHandle};

/// Receives that wait for a connection's task: single datagrams from most peers, runs of up to 64 KiB from those that
/// send as we do. What comes beyond is lost, as on any full path.
const WAITING: usize = 1024;
/// Bytes that wait for it.
const WAITING_BYTES: usize = 2 * 1024 * 1024;
/// Addresses that one connection may hold.
const ADDRESSES: usize = 32;
/// Pause after an error of the socket, so that a lasting one does not spin.
const PAUSE: Duration = Duration::from_millis(20);

/// Where a connection's datagrams come from.
pub(super) enum Inbound {
    /// Its own socket, with the buffer it receives into.
    Own(Arc<Socket>, Vec<u8>),
    /// The shared one.
    Shared(Line, Vec<u8>),
}

impl Inbound {
    /// All that arrives at `socket`.
    pub(super) fn own(socket: Arc<Socket>) -> Self {
        Self::Own(socket, vec![0; RECEIVE_BYTES])
    }

    /// The next datagrams; [`Inbound::take`] has their bytes. Cancel safe.
    pub(super) async fn receive(&mut self) -> Arrival {
        match self {
            Self::Own(socket, buffer) => loop {
                match socket.receive(buffer).await {
                    Ok(arrival) => return arrival,
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            },
            Self::Shared(line, buffer) => {
                // The routes hold a sender for as long as the line exists.
                let Some(mail) = line.mail.recv().await else {
                    return std::future::pending().await;
                };
                line.opened(mail, buffer)
            }
        }
    }

    /// The next datagrams, if some are there already.
    pub(super) fn try_receive(&mut self) -> Option<Arrival> {
        match self {
            Self::Own(socket, buffer) => socket.try_receive(buffer).ok(),
            Self::Shared(line, buffer) => {
                let mail = line.mail.try_recv().ok()?;
                Some(line.opened(mail, buffer))
            }
        }
    }

    /// The bytes of the last arrival, to be given [back](Inbound::give_back).
    pub(super) fn take(&mut self) -> Vec<u8> {
        let (Self::Own(_, buffer) | Self::Shared(_, buffer)) = self;
        std::mem::take(buffer)
    }

    /// For the next receive.
    pub(super) fn give_back(&mut self, data: Vec<u8>) {
        if let Self::Own(_, buffer) = self {
            *buffer = data;
        }
    }

    /// We send to `address`: its answers are for us, unless they are somebody else's.
    pub(super) fn expect(&self, address: SocketAddr) {
        if let Self::Shared(line, _) = self {
            line.hub.lock().claim(address, &line.user, false);
        }
    }
}

type Mail = (Arrival, Vec<u8>);

/// The sending end of a line.
struct Mailbox {
    mail: mpsc::Sender<Mail>,
    /// Bytes that wait.
    waiting: Arc<AtomicUsize>,
}

/// The shared socket and who gets what from it.
pub(super) struct Hub {
    socket: Arc<Socket>,
    routes: Mutex<Routes>,
}

#[derive(Default)]
struct Routes {
    users: HashMap<String, Mailbox>,
    addresses: HashMap<SocketAddr, Owner>,
    /// Who waits for answers of STUN servers.
    asking: HashMap<stun::Transaction, mpsc::Sender<SocketAddr>>,
}

struct Owner {
    user: String,
    /// A check with this user's name came from the address.
    proven: bool,
}

/// The receiving loop; ends with the last of those that hold it.
pub(super) struct Loop(JoinHandle<()>);

impl Drop for Loop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A connection's place at the shared socket. Dropping it frees its addresses.
pub(super) struct Line {
    hub: Arc<Hub>,
    user: String,
    mail: mpsc::Receiver<Mail>,
    waiting: Arc<AtomicUsize>,
    _loop: Arc<Loop>,
}

impl Line {
    fn opened(&self, (arrival, data): Mail, buffer: &mut Vec<u8>) -> Arrival {
        self.waiting.fetch_sub(data.len(), Ordering::Relaxed);
        *buffer = data;
        arrival
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut routes = self.hub.lock();
        routes.users.remove(&self.user);
        routes.addresses.retain(|_, owner| owner.user != self.user);
    }
}

impl Hub {
    /// Begins to receive.
    pub(super) fn start(socket: Arc<Socket>) -> (Arc<Self>, Arc<Loop>) {
        let hub = Arc::new(Self { socket, routes: Mutex::default() });
        let receiving = tokio::spawn({
            let hub = hub.clone();
            async move { hub.receive().await }
        });
        (hub, Arc::new(Loop(receiving)))
    }

    /// The socket.
    pub(super) fn socket(&self) -> &Arc<Socket> {
        &self.socket
    }

    /// A place for the connection whose ICE user name is `user`.
    pub(super) fn line(self: &Arc<Self>, user: String, receiving: Arc<Loop>) -> Line {
        let (sender, mail) = mpsc::channel(WAITING);
        let waiting = Arc::new(AtomicUsize::new(0));
        self.lock().users.insert(user.clone(), Mailbox { mail: sender, waiting: waiting.clone() });
        Line { hub: self.clone(), user, mail, waiting, _loop: receiving }
    }

    /// Answers of STUN servers to this question, until the receiver is dropped.
    pub(super) fn ask(&self, transaction: stun::Transaction) -> mpsc::Receiver<SocketAddr> {
        let (sender, answers) = mpsc::channel(4);
        let mut routes = self.lock();
        routes.asking.retain(|_, waiting| !waiting.is_closed());
        routes.asking.insert(transaction, sender);
        answers
    }

    fn lock(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn receive(&self) {
        let mut buffer = vec![0; RECEIVE_BYTES];
        loop {
            match self.socket.receive(&mut buffer).await {
                Ok(arrival) => self.lock().deliver(arrival, &buffer),
                Err(error) => {
                    tracing::debug!(kind = %error.kind(), "the WebRTC socket has trouble");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

impl Routes {
    fn deliver(&mut self, arrival: Arrival, buffer: &[u8]) {
        let data = &buffer[..arrival.len];
        // A run is of one sender; only when it has checks or answers among it do its parts differ.
        if data.chunks(arrival.stride).any(is_stun) {
            for datagram in data.chunks(arrival.stride) {
                let part = Arrival { len: datagram.len(), stride: datagram.len(), ..arrival };
                self.deliver_stun(part, datagram);
            }
        } else {
            self.pass(arrival, data);
        }
    }

    fn deliver_stun(&mut self, arrival: Arrival, datagram: &[u8]) {
        if let Some(user) = stun::checked_user(datagram) {
            if self.users.contains_key(user) {
                self.claim(arrival.source, user, true);
                let user = user.to_owned();
                self.send(&user, arrival, datagram);
            }
        } else if let Some((transaction, address)) = stun::binding_answer(datagram)
            && let Some(waiting) = self.asking.get(&transaction)
        {
            let _ = waiting.try_send(address);
        } else {
            self.pass(arrival, datagram);
        }
    }

    fn pass(&mut self, arrival: Arrival, data: &[u8]) {
        if let Some(owner) = self.addresses.get(&arrival.source) {
            let user = owner.user.clone();
            self.send(&user, arrival, data);
        }
    }

    fn send(&mut self, user: &str, arrival: Arrival, data: &[u8]) {
        let Some(mailbox) = self.users.get(user) else { return };
        let waiting = mailbox.waiting.fetch_add(data.len(), Ordering::Relaxed);
        if waiting + data.len() > WAITING_BYTES || mailbox.mail.try_send((arrival, data.to_vec())).is_err() {
            mailbox.waiting.fetch_sub(data.len(), Ordering::Relaxed);
        }
    }

    /// Gives `address` to `user`, if it is free, or only assumed to be its owner's while this one has proof.
    fn claim(&mut self, address: SocketAddr, user: &str, proven: bool) {
        let taken =
            self.addresses.get(&address).is_some_and(|owner| owner.user != user && (owner.proven || !proven));
        let known =
            self.addresses.get(&address).is_some_and(|owner| owner.user == user && (owner.proven || !proven));
        if taken || known {
            return;
        }
        if self.addresses.values().filter(|owner| owner.user == user).count() < ADDRESSES {
            self.addresses.insert(address, Owner { user: user.to_owned(), proven });
        }
    }
}

/// RFC 7983: the first byte tells STUN from DTLS.
fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|byte| *byte < 4)
}

/// Receives on a socket that nobody else uses yet, for the answer of a STUN server.
pub(super) async fn next_answer(
    socket: &Socket,
    buffer: &mut [u8],
) -> io::Result<Option<(stun::Transaction, SocketAddr)>> {
    let arrival = socket.receive(buffer).await?;
    Ok(stun::binding_answer(&buffer[..arrival.len.min(arrival.stride)]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn routes(users: &[&str]) -> (Routes, Vec<mpsc::Receiver<Mail>>) {
        let mut routes = Routes::default();
        let mails = users.iter().map(|user| {
            let (sender, mail) = mpsc::channel(WAITING);
            routes.users.insert((*user).to_owned(), Mailbox { mail: sender, waiting: Arc::default() });
            mail
        });
        let mails = mails.collect();
        (routes, mails)
    }

    fn check(user: &str) -> Vec<u8> {
        let name = format!("{user}:peer");
        let mut message = stun::binding_request([1; 12]).to_vec();
        message.extend_from_slice(&[0, 6, 0, name.len() as u8]);
        message.extend_from_slice(name.as_bytes());
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    fn arrive(routes: &mut Routes, source: SocketAddr, data: &[u8]) {
        routes.deliver(Arrival { source, destination: None, len: data.len(), stride: data.len() }, data);
    }

    #[test]
    fn an_address_goes_to_whom_its_check_names() {
        let (mut routes, mut mails) = routes(&["anna", "bert"]);
        let source = "192.0.2.1:1000".parse().unwrap();
        arrive(&mut routes, source, &[22, 1, 2]);
        arrive(&mut routes, source, &check("bert"));
        arrive(&mut routes, source, &[22, 1, 2]);
        assert!(mails[0].try_recv().is_err());
        assert_eq!(mails[1].try_recv().unwrap().1, check("bert"));
        assert_eq!(mails[1].try_recv().unwrap().1, [22, 1, 2]);
        assert!(mails[1].try_recv().is_err(), "what came before the check is nobody's");
    }

    #[test]
    fn naming_another_peers_address_takes_nothing_from_it() {
        let (mut routes, mut mails) = routes(&["thief", "owner"]);
        let source = "192.0.2.1:1000".parse().unwrap();
        routes.claim(source, "thief", false);
        arrive(&mut routes, source, &check("owner"));
        routes.claim(source, "thief", false);
        arrive(&mut routes, source, &[22, 1, 2]);
        assert!(mails[0].try_recv().is_err());
        assert_eq!(mails[1].try_recv().unwrap().1, check("owner"));
        assert_eq!(mails[1].try_recv().unwrap().1, [22, 1, 2]);
    }

    #[test]
    fn a_connection_holds_only_so_many_addresses() {
        let (mut routes, _mails) = routes(&["anna"]);
        for port in 1..1000 {
            routes.claim(([192, 0, 2, 1], port).into(), "anna", true);
        }
        assert_eq!(routes.addresses.len(), ADDRESSES);
    }
}
