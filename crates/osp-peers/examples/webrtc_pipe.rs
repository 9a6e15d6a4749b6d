//! Moves bytes over one WebRTC data channel and says how fast, for tests against browsers and for measuring.
//!
//! ```text
//! webrtc_pipe offer  --bytes N      first line out: the offer's SDP as a JSON string; first line in: the answer's
//! webrtc_pipe answer --bytes N [--second]
//!                                   the other way round; with --second as the other side of `offer`
//! webrtc_pipe pair   --bytes N [--answerer ADDR --through ADDR]
//!                                   both in one process; through a forwarder to ADDR if one is named
//! ```
//!
//! The side with the SDP of this program sends N bytes, the other verifies them and sends N of its own. Byte 4i and the
//! three after it are `i * 2654435761 mod 2^32`, little endian. Last line out: `{"sent":MB/s,"received":MB/s}`.

// It is a program for a terminal, and for scripts that read what it prints.
#![allow(clippy::print_stdout)]

use bytes::Bytes;
use osp_peers::{
    PeerStream,
    webrtc::{Agent, AgentConfig},
};
use std::{
    error::Error,
    io::BufRead,
    net::{Ipv4Addr, SocketAddr},
    time::Instant,
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// One write: a block and its header, as BitTorrent has it.
const WRITE: usize = 16 * 1024 + 16;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1))
    };
    let bytes: usize = option("--bytes").map_or(Ok(64 << 20), |text| text.parse())?;
    match arguments.first().map(String::as_str) {
        Some("offer") => {
            let offer = agent(None).await?.offer().await?;
            say(offer.sdp())?;
            let answer = heard()?;
            exchange(offer.accept(&answer).await?.stream().await?, bytes).await
        }
        Some("answer") => {
            let (answer, pending) = agent(None).await?.answer(&heard()?).await?;
            say(&answer)?;
            let mut stream = pending.stream().await?;
            if !arguments.iter().any(|argument| argument == "--second") {
                return exchange(stream, bytes).await;
            }
            receive(&mut stream, bytes).await?;
            send(&mut stream, bytes).await?;
            while let Ok(Some(_)) = stream.reader.read().await {}
            Ok(())
        }
        Some("pair") => {
            let answerer = option("--answerer").map(|text| text.parse()).transpose()?;
            let through = option("--through").map(|text| text.parse()).transpose()?;
            pair(bytes, answerer, through).await
        }
        _ => Err("usage: webrtc_pipe offer|answer|pair [--bytes N] [--answerer ADDR --through ADDR]".into()),
    }
}

async fn agent(bind: Option<SocketAddr>) -> Result<Agent> {
    Ok(Agent::new(AgentConfig { bind, allow_private: true, ..AgentConfig::default() }).await?)
}

fn say(sdp: &str) -> Result<()> {
    println!("{}", serde_json::to_string(sdp)?);
    Ok(())
}

fn heard() -> Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// Two agents; with `through`, they know each other by that address only.
async fn pair(bytes: usize, answerer: Option<SocketAddr>, through: Option<SocketAddr>) -> Result<()> {
    let loopback = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let (a, b) = (agent(loopback).await?, agent(answerer.or(loopback)).await?);
    let offer = a.offer().await?;
    let shown = match through {
        Some(_) => rewritten(offer.sdp(), None),
        None => offer.sdp().to_owned(),
    };
    let (answer, at_b) = b.answer(&shown).await?;
    let answer = match through {
        Some(address) => rewritten(&answer, Some(address)),
        None => answer,
    };
    let begin = Instant::now();
    let at_a = offer.accept(&answer).await?;
    let (at_a, at_b) = tokio::try_join!(at_a.stream(), at_b.stream())?;
    eprintln!("open after {:.0} ms", begin.elapsed().as_secs_f64() * 1e3);
    let other = tokio::spawn(async move {
        let mut stream = at_b;
        receive(&mut stream, bytes).await?;
        send(&mut stream, bytes).await?;
        Result::Ok(stream)
    });
    exchange(at_a, bytes).await?;
    other.await??;
    Ok(())
}

/// The SDP with this candidate alone, or with none.
fn rewritten(sdp: &str, candidate: Option<SocketAddr>) -> String {
    let mut lines: Vec<String> =
        sdp.lines().filter(|line| !line.starts_with("a=candidate")).map(str::to_owned).collect();
    if let Some(address) = candidate {
        lines.push(format!("a=candidate:1 1 udp 2130706431 {} {} typ host", address.ip(), address.port()));
    }
    lines.push(String::new());
    lines.join("\r\n")
}

async fn exchange(mut stream: PeerStream, bytes: usize) -> Result<()> {
    let begin = Instant::now();
    send(&mut stream, bytes).await?;
    // Its first byte says that the other side has all of ours.
    let first = stream.reader.read().await?.ok_or("the peer closed before its first byte")?;
    let sent = rate(bytes, begin);
    let begin = Instant::now();
    verify(&mut stream, bytes, first).await?;
    let received = rate(bytes, begin);
    println!("{{\"sent\":{sent:.2},\"received\":{received:.2}}}");
    stream.writer.close().await;
    // Until the goodbye is out.
    while let Ok(Some(_)) = stream.reader.read().await {}
    Ok(())
}

fn rate(bytes: usize, since: Instant) -> f64 {
    bytes as f64 / 1e6 / since.elapsed().as_secs_f64()
}

fn pattern(offset: usize, length: usize) -> Vec<u8> {
    let words = (offset / 4..).map(|word| (word as u32).wrapping_mul(2_654_435_761).to_le_bytes());
    words.flatten().skip(offset % 4).take(length).collect()
}

async fn send(stream: &mut PeerStream, bytes: usize) -> Result<()> {
    let mut offset = 0;
    while offset < bytes {
        let length = WRITE.min(bytes - offset);
        stream.writer.write(vec![Bytes::from(pattern(offset, length))]).await?;
        offset += length;
    }
    Ok(())
}

async fn receive(stream: &mut PeerStream, bytes: usize) -> Result<()> {
    verify(stream, bytes, Bytes::new()).await
}

async fn verify(stream: &mut PeerStream, bytes: usize, first: Bytes) -> Result<()> {
    let (mut offset, mut part) = (0, first);
    loop {
        if part != pattern(offset, part.len()) {
            return Err(format!("the bytes from {offset} differ").into());
        }
        offset += part.len();
        if offset >= bytes {
            return Ok(());
        }
        part = stream.reader.read().await?.ok_or_else(|| format!("the peer closed after {offset} bytes"))?;
    }
}
