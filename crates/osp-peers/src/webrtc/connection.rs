//! One connection: `str0m`'s state machine, a socket, and the two pipes of its stream.
//!
//! ```text
//!  WriteHalf -> outgoing pipe -> messages of 16 KiB -> SCTP, as far as the window lets it -> DTLS -> socket
//!  ReadHalf  <- incoming pipe <------------------------ SCTP <------------------------------ DTLS <- socket
//! ```
//!
//! The sender is offered as much as there is room for in front of the reader ([`brake`](super::brake)). To one that does
//! not keep to it, records that carry data are dropped before they are decrypted; short ones, which carry
//! acknowledgements, still pass, so that our own sending goes on.

use super::{
    HANDSHAKE_TIMEOUT,
    demux::Inbound,
    dtls::SharedBelow,
    pipe::{Reader, Writer, pipe},
    socket::{Arrival, Run, Socket},
    window::Window,
};
use crate::{
    PeerStream,
    stream::{BoxFuture, ReadHalf, WriteHalf, stalls},
};
use bytes::Bytes;
use osp_swarm::PeerKind;
use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use str0m::{
    Event, IceConnectionState, Input, Output, Rtc,
    channel::{ChannelId, Reliability},
    net::{Protocol, Receive, Transmit},
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Bytes of a message, at most: every implementation takes them, and one message does not keep another waiting long.
const MESSAGE: usize = 16 * 1024;
/// Bytes that wait to be sent before the writer is held back.
const OUTGOING_MARK: usize = 128 * 1024;
/// Bytes that a sender may have wait to be read, and that SCTP takes in out of order: 20 MB/s at 100 ms.
pub(super) const INCOMING_ROOM: usize = 2 * 1024 * 1024;
/// Bytes that wait to be read before data is refused. With what SCTP holds of its own this bounds what a peer can make
/// us store.
const INCOMING_MARK: usize = INCOMING_ROOM * 3 / 2;
/// Everything is refused.
const INCOMING_FULL: usize = 2 * INCOMING_ROOM;
/// Records up to this length are let through to a connection whose reader is behind: acknowledgements.
const SHORT_RECORD: usize = 300;
/// Datagrams that are taken before it is looked after what is to be sent.
const BATCH: usize = 64;
/// Datagrams that are handed in before the answers are taken out, at most: DTLS keeps no more than 30.
const UNANSWERED: usize = 16;
/// Longest part of the outgoing pipe, so that its mark means something.
const PART: usize = 64 * 1024;
/// How long a closed connection may take to get its last bytes across.
const LINGER: Duration = Duration::from_secs(10);

/// What a connection starts with.
pub(super) struct Start {
    /// With both descriptions applied.
    pub(super) rtc: Rtc,
    /// What is below its SCTP.
    pub(super) below: SharedBelow,
    pub(super) socket: Arc<Socket>,
    pub(super) inbound: Inbound,
    /// Our own host candidates, to name one where the system does not say where a datagram arrived.
    pub(super) hosts: Vec<SocketAddr>,
    /// Whether we made the offer, and with it the channel.
    pub(super) offered: bool,
    /// Gets the stream.
    pub(super) opened: oneshot::Sender<io::Result<PeerStream>>,
    /// Counted while it comes about.
    pub(super) handshake: OwnedSemaphorePermit,
    /// Counted while it exists.
    pub(super) connection: OwnedSemaphorePermit,
}

struct Connection {
    rtc: Rtc,
    below: SharedBelow,
    socket: Arc<Socket>,
    inbound: Inbound,
    hosts: Vec<SocketAddr>,
    offered: bool,
    opened: Option<(oneshot::Sender<io::Result<PeerStream>>, OwnedSemaphorePermit)>,
    /// The channel and the pipes, once it is open.
    open: Option<Open>,
    window: Window,
    runs: Vec<Run>,
    remote: Option<SocketAddr>,
    ended: Option<End>,
    message: Vec<u8>,
}

struct Open {
    channel: ChannelId,
    incoming: Writer,
    outgoing: Reader,
    /// Until when the last bytes may take, once the writer has closed.
    linger: Option<Instant>,
}

/// Datagrams that are taken at one go.
///
/// Polling after each costs as much as all the rest, and makes two packets of acknowledgements of three of data. But a
/// sender takes a packet for lost when three acknowledgements lack it, so the first few are answered one by one.
#[derive(Default)]
struct Batch {
    taken: usize,
    unanswered: usize,
}

impl Batch {
    /// One more was taken; whether it is time to answer.
    fn is_due(&mut self) -> bool {
        self.taken += 1;
        self.unanswered += 1;
        let due = self.unanswered >= (self.taken / 4).clamp(1, UNANSWERED);
        if due {
            self.unanswered = 0;
        }
        due
    }
}

/// Why a connection is over.
#[derive(Clone, Copy)]
enum End {
    /// We closed it.
    Ours,
    /// The peer did.
    Theirs,
    /// Something went wrong.
    Failed(io::ErrorKind, &'static str),
}

/// Runs the connection until it ends.
pub(super) async fn run(start: Start) {
    let connection = start.connection;
    Connection {
        rtc: start.rtc,
        below: start.below,
        socket: start.socket,
        inbound: start.inbound,
        hosts: start.hosts,
        offered: start.offered,
        opened: Some((start.opened, start.handshake)),
        open: None,
        window: Window::new(now()),
        runs: Vec::new(),
        remote: None,
        ended: None,
        message: Vec::with_capacity(MESSAGE),
    }
    .run()
    .await;
    drop(connection);
}

/// Tokio's clock, so that tests may stop it.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl Connection {
    async fn run(&mut self) {
        let deadline = now() + HANDSHAKE_TIMEOUT;
        self.step(Input::Timeout(now()));
        let end = loop {
            let paced = self.fill();
            let wake = self.drain();
            self.flush().await;
            if let Some(end) = self.ended {
                break end;
            }
            let limit = match &self.open {
                None => Some(deadline),
                Some(open) => open.linger,
            };
            if limit.is_some_and(|limit| limit <= now()) {
                break if self.open.is_some() {
                    End::Ours
                } else {
                    End::Failed(io::ErrorKind::TimedOut, "the WebRTC handshake with the peer took too long")
                };
            }
            let wake = limit.into_iter().chain(paced).fold(wake, Instant::min);
            let has_room = paced.is_none() && self.has_room();
            let is_held = self.below.lock().brake.is_held();
            let Self { inbound, open, opened, .. } = self;
            tokio::select! {
                arrival = inbound.receive() => self.arrivals(arrival),
                () = tokio::time::sleep_until(wake.into()) => self.step(Input::Timeout(now())),
                () = written(open.as_ref()), if has_room => {}
                () = emptied(open.as_ref()), if is_held => self.step(Input::Timeout(now())),
                () = abandoned(opened.as_mut()) => break End::Ours,
            }
        };
        self.finish(end).await;
    }

    /// Hands the state machine an input, and collects what it has to say.
    fn step(&mut self, input: Input<'_>) {
        // What a stranger may have injected must not end a connection; a real failure shows when polling.
        let _ = self.rtc.handle_input(input);
        self.drain();
    }

    /// Takes what came, and what else waits.
    fn arrivals(&mut self, first: Arrival) {
        let mut batch = Batch::default();
        let mut next = Some(first);
        while let Some(arrival) = next.take() {
            self.arrived(&arrival, &mut batch);
            if batch.taken < BATCH {
                next = self.inbound.try_receive();
            }
        }
        self.drain();
    }

    fn arrived(&mut self, arrival: &Arrival, batch: &mut Batch) {
        let data = self.inbound.take();
        let at = now();
        if let Some(destination) = self.destination(arrival) {
            for datagram in data[..arrival.len].chunks(arrival.stride) {
                if self.refuses(datagram) {
                    continue;
                }
                if let Ok(receive) = Receive::new(Protocol::Udp, arrival.source, destination, datagram) {
                    // What a stranger may have injected must not end a connection; a real failure shows when polling.
                    let _ = self.rtc.handle_input(Input::Receive(at, receive));
                    if batch.is_due() {
                        self.drain();
                    }
                }
            }
        }
        self.inbound.give_back(data);
    }

    /// Whether a record must wait because the reader is behind.
    fn refuses(&self, datagram: &[u8]) -> bool {
        let Some(open) = &self.open else { return false };
        let is_dtls = datagram.first().is_some_and(|byte| (20..64).contains(byte));
        let waiting = open.incoming.len();
        is_dtls && (waiting >= INCOMING_FULL || (waiting >= INCOMING_MARK && datagram.len() > SHORT_RECORD))
    }

    /// The host candidate at which it arrived.
    fn destination(&self, arrival: &Arrival) -> Option<SocketAddr> {
        let same_family = |host: &&SocketAddr| host.is_ipv4() == arrival.source.is_ipv4();
        match arrival.destination {
            Some(ip) => self.hosts.iter().find(|host| host.ip() == ip),
            None => self.hosts.iter().find(same_family),
        }
        .copied()
    }

    /// Polls until nothing is left to do before the time it returns.
    fn drain(&mut self) -> Instant {
        if let Some(open) = &self.open {
            let room = INCOMING_ROOM.saturating_sub(open.incoming.len());
            self.below.lock().brake.set_room(room, INCOMING_ROOM);
        }
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    if !self.rtc.is_alive() {
                        self.ended.get_or_insert(End::Theirs);
                    }
                    return at;
                }
                Ok(Output::Transmit(transmit)) => self.queue(&transmit),
                Ok(Output::Event(event)) => self.happened(event),
                Err(_) => {
                    self.fail(io::ErrorKind::InvalidData, "the peer broke the WebRTC protocol");
                    return now();
                }
            }
        }
    }

    fn queue(&mut self, transmit: &Transmit) {
        let datagram: &[u8] = &transmit.contents;
        let (source, destination) = (transmit.source.ip(), transmit.destination);
        if self.remote != Some(destination) {
            self.inbound.expect(destination);
            if datagram.first().is_some_and(|byte| (20..64).contains(byte)) {
                self.remote = Some(destination);
            }
        }
        if !self.runs.last_mut().is_some_and(|run| run.add(source, destination, datagram)) {
            self.runs.push(Run::new(source, destination, datagram));
        }
    }

    async fn flush(&mut self) {
        for run in self.runs.drain(..) {
            self.socket.send(&run).await;
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::ChannelOpen(channel, _) if self.open.is_none() => self.opened(channel),
            Event::ChannelData(data) => {
                if let Some(open) = self.open.as_ref().filter(|open| open.channel == data.id) {
                    open.incoming.put(Bytes::from(data.data));
                }
            }
            Event::ChannelClose(channel)
                if self.open.as_ref().is_some_and(|open| open.channel == channel) =>
            {
                self.ended.get_or_insert(End::Theirs);
            }
            Event::Closed => {
                self.ended.get_or_insert(End::Theirs);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.fail(io::ErrorKind::TimedOut, "the peer has gone silent");
            }
            Event::PeerStats(stats) => {
                let pair = stats.selected_candidate_pair;
                if let Some(took) = pair.and_then(|pair| pair.current_round_trip_time) {
                    self.window.on_round_trip(now(), took);
                }
            }
            // A second channel is not what was agreed on; it is left unread.
            _ => {}
        }
    }

    fn opened(&mut self, channel: ChannelId) {
        let config = self.rtc.channel(channel).and_then(|channel| channel.config().cloned());
        if !config.is_some_and(|config| config.ordered && config.reliability == Reliability::Reliable) {
            self.fail(io::ErrorKind::InvalidData, "the peer's data channel is not an ordered, reliable one");
            return;
        }
        let (incoming, reader) = pipe(INCOMING_ROOM);
        let (writer, outgoing) = pipe(OUTGOING_MARK);
        let stream = PeerStream {
            kind: PeerKind::WebRtc,
            outgoing: self.offered,
            remote: self.remote,
            reader: Box::new(ChannelReader(reader)),
            writer: Box::new(ChannelWriter(Some(writer))),
        };
        self.open = Some(Open { channel, incoming, outgoing, linger: None });
        if let Some((opened, _handshake)) = self.opened.take()
            && opened.send(Ok(stream)).is_err()
        {
            self.ended.get_or_insert(End::Ours);
        }
    }

    fn fail(&mut self, kind: io::ErrorKind, what: &'static str) {
        self.ended.get_or_insert(End::Failed(kind, what));
    }

    /// Whether another message may go to SCTP.
    fn has_room(&mut self) -> bool {
        let Some(open) = &self.open else { return false };
        let buffered = self.rtc.channel(open.channel).map_or(0, |mut channel| channel.buffered_amount());
        let ahead = self.below.lock().recovery.ahead();
        open.linger.is_none() && self.window.has_room(MESSAGE, buffered, ahead)
    }

    /// Moves what waits to SCTP, as far as the window allows; says when to go on, if it is only the pace that holds.
    fn fill(&mut self) -> Option<Instant> {
        loop {
            let open = self.open.as_mut()?;
            let mut channel = self.rtc.channel(open.channel)?;
            let buffered = channel.buffered_amount();
            let at = now();
            let ahead = {
                let recovery = &mut self.below.lock().recovery;
                if let Some(took) = recovery.take_round_trip() {
                    self.window.on_round_trip(at, took);
                }
                self.window.on_progress(at, buffered.saturating_sub(recovery.ahead()), recovery.traffic());
                recovery.ahead()
            };
            if open.outgoing.finished() {
                if buffered == 0 {
                    self.ended.get_or_insert(End::Ours);
                } else {
                    open.linger.get_or_insert(at + LINGER);
                }
                return None;
            }
            if !self.window.has_room(MESSAGE, buffered, ahead) {
                return None;
            }
            if let Err(later) = self.window.paced(at) {
                return Some(later);
            }
            self.message.clear();
            open.outgoing.take(MESSAGE, &mut self.message);
            if self.message.is_empty() {
                return None;
            }
            match channel.write(true, &self.message) {
                Ok(true) => self.window.on_written(at, self.message.len()),
                Ok(false) | Err(_) => {
                    self.fail(io::ErrorKind::BrokenPipe, "the data channel takes no more");
                    return None;
                }
            }
            self.drain();
        }
    }

    /// Says goodbye, and tells both halves.
    async fn finish(&mut self, end: End) {
        let _ = self.rtc.close();
        self.drain();
        self.flush().await;
        let error = match end {
            End::Ours | End::Theirs => None,
            End::Failed(kind, what) => Some((kind, what)),
        };
        if let Some((opened, _handshake)) = self.opened.take() {
            let (kind, what) =
                error.unwrap_or((io::ErrorKind::ConnectionRefused, "the peer gave up the WebRTC handshake"));
            let _ = opened.send(Err(io::Error::new(kind, what)));
        }
        if let Some(open) = self.open.take() {
            open.incoming.end(error);
            open.outgoing.fail(error.unwrap_or((io::ErrorKind::BrokenPipe, "the connection is closed")));
        }
    }
}

async fn written(open: Option<&Open>) {
    match open {
        Some(open) => open.outgoing.ready().await,
        None => std::future::pending().await,
    }
}

/// There is room in front of the reader again.
async fn emptied(open: Option<&Open>) {
    match open {
        Some(open) => open.incoming.drained_to(INCOMING_ROOM / 2).await,
        None => std::future::pending().await,
    }
}

/// Nobody waits for the stream any more.
async fn abandoned(opened: Option<&mut (oneshot::Sender<io::Result<PeerStream>>, OwnedSemaphorePermit)>) {
    match opened {
        Some((opened, _)) => opened.closed().await,
        None => std::future::pending().await,
    }
}

struct ChannelReader(Reader);

impl ReadHalf for ChannelReader {
    fn read(&mut self) -> BoxFuture<'_, io::Result<Option<Bytes>>> {
        Box::pin(self.0.next())
    }
}

/// `None` once closed.
struct ChannelWriter(Option<Writer>);

impl WriteHalf for ChannelWriter {
    fn write(&mut self, bytes: Vec<Bytes>) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            let writer = self.0.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
            for mut part in bytes {
                while !part.is_empty() {
                    let head = part.split_to(part.len().min(PART));
                    stalls(writer.push(head)).await?;
                }
            }
            Ok(())
        })
    }

    fn close(&mut self) -> BoxFuture<'_, ()> {
        self.0 = None;
        Box::pin(std::future::ready(()))
    }
}
