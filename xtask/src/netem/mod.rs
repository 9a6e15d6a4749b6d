//! `cargo xtask netem`: a forwarder for UDP and TCP with delay, loss and rate, for measuring on one machine.
//!
//! Many kernels come without `netem`. This forwards from one address to another, both kinds at once; each caller of the
//! UDP side gets a port of its own, as behind a NAT. Losses come from a seed and repeat. TCP connections end here and
//! begin anew, so they see the delay and the rate, but no loss: what a loss costs TCP is decided by the kernel's own
//! retransmission, which needs the loss below it.

mod path;

use crate::error::{Error, Result};
use path::{Path, Shape};
use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// What waits between arriving and leaving, at most, in datagrams or reads.
const WAITING: usize = 65_536;
/// UDP callers at once; more are ignored.
const CALLERS: usize = 256;

/// What to forward, and how.
pub(crate) struct Options {
    /// Where callers come.
    pub(crate) listen: SocketAddr,
    /// Where they are sent.
    pub(crate) to: SocketAddr,
    /// One way.
    pub(crate) delay: Duration,
    /// Share of UDP datagrams lost in each direction.
    pub(crate) loss: f64,
    /// Bytes per second in each direction.
    pub(crate) rate: f64,
    /// Longest queue before the link, as time on it.
    pub(crate) queue: Duration,
    /// Of the losses.
    pub(crate) seed: u64,
}

impl Options {
    /// From the command line: `--listen A --to B [--delay 50ms] [--loss 0.01] [--rate 20MB] [--queue 100ms] [--seed 7]`.
    pub(crate) fn read(mut args: lexopt::Parser) -> Result<Self> {
        use lexopt::prelude::*;
        let (mut listen, mut to) = (None, None);
        let (mut delay, mut loss, mut rate, mut queue, mut seed) =
            (Duration::ZERO, 0.0, 1e12, Duration::from_millis(100), 7);
        while let Some(arg) = args.next()? {
            match arg {
                Long("listen") => listen = Some(args.value()?.parse()?),
                Long("to") => to = Some(args.value()?.parse()?),
                Long("delay") => delay = time(&args.value()?.string()?)?,
                Long("loss") => loss = args.value()?.parse()?,
                Long("rate") => rate = bytes(&args.value()?.string()?)?,
                Long("queue") => queue = time(&args.value()?.string()?)?,
                Long("seed") => seed = args.value()?.parse()?,
                other => return Err(other.unexpected().into()),
            }
        }
        let missing = |name: &str| Error::Usage(format!("netem needs {name} ADDRESS:PORT"));
        if !(0.0..=1.0).contains(&loss) {
            return Err(Error::Usage("--loss is a share between 0 and 1".to_owned()));
        }
        let (listen, to) = (listen.ok_or_else(|| missing("--listen"))?, to.ok_or_else(|| missing("--to"))?);
        Ok(Self { listen, to, delay, loss, rate, queue, seed })
    }

    fn path(&self, direction: u64) -> Path {
        let shape = Shape { delay: self.delay, loss: self.loss, rate: self.rate, queue: self.queue };
        Path::new(shape, self.seed.wrapping_mul(2).wrapping_add(direction), Instant::now())
    }
}

/// `50ms`, `0.5s`.
fn time(text: &str) -> Result<Duration> {
    let number = |digits: &str| digits.parse::<f64>().ok().filter(|value| (0.0..1e6).contains(value));
    let seconds = match text.strip_suffix("ms") {
        Some(digits) => number(digits).map(|value| value / 1e3),
        None => text.strip_suffix('s').and_then(number),
    };
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| Error::Usage(format!("`{text}` is no time; write 50ms or 0.5s")))
}

/// `500KB`, `20MB`: bytes per second.
fn bytes(text: &str) -> Result<f64> {
    let (digits, unit) = match (text.strip_suffix("KB"), text.strip_suffix("MB")) {
        (Some(digits), _) => (digits, 1e3),
        (_, Some(digits)) => (digits, 1e6),
        _ => (text, 1.0),
    };
    let value = digits.parse::<f64>().ok().filter(|value| *value > 0.0);
    value
        .map(|value| value * unit)
        .ok_or_else(|| Error::Usage(format!("`{text}` is no rate; write 20MB or 500KB")))
}

/// Forwards until the program is stopped. The first line says where it listens.
pub(crate) fn netem(options: &Options) -> Result {
    let failed = |what: &str| {
        let what = format!("{what} {}", options.listen);
        move |source| Error::Io { what, source }
    };
    let udp = UdpSocket::bind(options.listen).map_err(failed("listening at"))?;
    let listen = udp.local_addr().map_err(failed("listening at"))?;
    let tcp = TcpListener::bind(listen).map_err(failed("listening at"))?;
    println!("{listen}");
    thread::scope(|scope| {
        scope.spawn(|| forward_tcp(&tcp, options));
        forward_udp(Arc::new(udp), options)
    })
    .map_err(failed("forwarding from"))
}

/// A datagram, when it leaves, through which socket, and to whom.
struct Leaving {
    at: Instant,
    data: Vec<u8>,
    socket: Arc<UdpSocket>,
    /// `None`: whom the socket is connected to.
    to: Option<SocketAddr>,
}

fn forward_udp(outside: Arc<UdpSocket>, options: &Options) -> std::io::Result<()> {
    let (there, leaving_there) = sync_channel(WAITING);
    let (back, leaving_back) = sync_channel::<Leaving>(WAITING);
    thread::spawn(move || deliver(&leaving_there));
    thread::spawn(move || deliver(&leaving_back));
    let back_path = Arc::new(std::sync::Mutex::new(options.path(1)));
    let mut path = options.path(0);
    let mut callers: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let Ok((length, caller)) = outside.recv_from(&mut buffer) else { continue };
        if !callers.contains_key(&caller) {
            if callers.len() >= CALLERS {
                continue;
            }
            let any: SocketAddr =
                if options.to.is_ipv4() { ([0; 4], 0).into() } else { ([0_u16; 8], 0).into() };
            let inside = UdpSocket::bind(any)?;
            inside.connect(options.to)?;
            let inside = Arc::new(inside);
            let (socket, outside, back, path) =
                (inside.clone(), outside.clone(), back.clone(), back_path.clone());
            thread::spawn(move || return_udp(&socket, &outside, caller, &back, &path));
            callers.insert(caller, inside);
        }
        if let (Some(at), Some(socket)) = (path.datagram(length, Instant::now()), callers.get(&caller)) {
            let _ = there.try_send(Leaving {
                at,
                data: buffer[..length].to_vec(),
                socket: socket.clone(),
                to: None,
            });
        }
    }
}

fn return_udp(
    inside: &UdpSocket,
    outside: &Arc<UdpSocket>,
    caller: SocketAddr,
    back: &SyncSender<Leaving>,
    path: &std::sync::Mutex<Path>,
) {
    let mut buffer = vec![0; 65_536];
    loop {
        // Nobody may be there yet; the system says so once for each datagram that found nobody.
        let Ok(length) = inside.recv(&mut buffer) else { continue };
        let leaves = path.lock().ok().and_then(|mut path| path.datagram(length, Instant::now()));
        if let Some(at) = leaves {
            let (data, socket) = (buffer[..length].to_vec(), outside.clone());
            let _ = back.try_send(Leaving { at, data, socket, to: Some(caller) });
        }
    }
}

fn deliver(leaving: &Receiver<Leaving>) {
    for datagram in leaving {
        wait(datagram.at);
        let _ = match datagram.to {
            Some(to) => datagram.socket.send_to(&datagram.data, to),
            None => datagram.socket.send(&datagram.data),
        };
    }
}

fn wait(until: Instant) {
    if let Some(left) = until.checked_duration_since(Instant::now()) {
        thread::sleep(left);
    }
}

fn forward_tcp(listener: &TcpListener, options: &Options) {
    for caller in listener.incoming().flatten() {
        let Ok(inside) = TcpStream::connect(options.to) else { continue };
        let _ = (caller.set_nodelay(true), inside.set_nodelay(true));
        if let (Ok(from), Ok(to)) = (caller.try_clone(), inside.try_clone()) {
            pass(from, to, options.path(0));
            pass(inside, caller, options.path(1));
        }
    }
}

/// One direction of a connection: a thread that reads and one that writes when it is time.
fn pass(mut from: TcpStream, mut to: TcpStream, mut path: Path) {
    // A second's worth of reads bounds what is under way: the reader then waits, and so does the sender.
    let (sender, leaving) = sync_channel::<(Instant, Vec<u8>)>(1024);
    thread::spawn(move || {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let at = path.stream(length, Instant::now());
            if sender.send((at, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (at, data) in leaving {
            wait(at);
            if to.write_all(&data).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_times_and_rates_as_they_are_written() {
        assert_eq!(time("50ms").unwrap(), Duration::from_millis(50));
        assert_eq!(time("0.5s").unwrap(), Duration::from_millis(500));
        assert!((bytes("20MB").unwrap() - 20e6).abs() < 1.0);
        for bad in ["50", "-1s", "s", ""] {
            assert!(time(bad).is_err(), "{bad}");
        }
        for bad in ["0", "MB", "-3", "fast"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}
