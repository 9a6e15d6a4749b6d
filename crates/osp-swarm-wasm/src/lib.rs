//! The peer engine for the browser: JavaScript values in, JavaScript values out, around [`osp_swarm::Engine`].
//!
//! A module of its own beside `osp-wasm`, because a page loads it only after its listener has agreed to peers.
//!
//! The page is the driver: it owns the data channels, the fetches, the clock and the bytes of pieces. What the engine
//! decides it asks for with `pollEvent` and `pollSend`:
//!
//! ```text
//!  data channel --- received ---> +-------+ --- pollEvent: fetch, check, info, close ... ---> page
//!  fetch body ----- fetched ----> | Swarm | --- the block, copied once ---> Shelf.place: the piece's own buffer
//!  SHA-1 ---------- checked ----> +-------+ --- pollSend: bytes, or which block the page sends from its buffer
//! ```
//!
//! Pieces never lie in WebAssembly's memory, which only grows: a block passes through it once, from the channel to the
//! piece's buffer, and is sent to others from there. SHA-1 is the browser's own (`crypto.subtle`): it runs beside the
//! page's thread and at the speed of the machine's instructions; only the comparison with the info dictionary is made here.
//!
//! Times are milliseconds of one clock that never goes back (`performance.now()`). Nothing here throws but the
//! constructor; what does not fit (a piece or a connection that is not there) has no effect.

mod event;
mod stats;

use event::JsEvent;
use js_sys::{Uint8Array, Uint32Array};
use osp_core::torrent::{Sha1Digest, info_from_bencode, info_of};
use osp_swarm::{
    Bitfield, Block, Config, ConnId, Demand, Engine, Event, FetchFault, FetchId, Geometry, InfoHash,
    Outgoing, PeerId, PeerInfo, PeerKind, PieceIndex, Playhead, Time, Verdict, WebSeed, WebSeedId,
    wire::message,
};
use stats::JsStats;
use std::time::Duration;
use wasm_bindgen::prelude::*;

/// Connections of one track at once. Each costs the browser sockets and threads; a page is no server.
const MAX_PEERS: usize = 24;
/// Fetches at once from one web seed. Browsers open six connections to a server, and the page needs some too.
const FETCHES: u8 = 3;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Where the page keeps pieces. It must not call the swarm back from here. */
export interface Shelf {
  /** Where to copy `length` bytes of a piece, from `begin`; `undefined`: nowhere. */
  place(piece: number, begin: number, length: number): Uint8Array | undefined;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The page's pieces, of the TypeScript type above.
    #[wasm_bindgen(typescript_type = "Shelf")]
    pub type Shelf;

    #[wasm_bindgen(method, catch)]
    fn place(this: &Shelf, piece: u32, begin: u32, length: u32) -> Result<Option<Uint8Array>, JsValue>;

    /// `Uint8Array` (send it), `Uint32Array` (piece, begin, length: send `pieceHeader` of them and the block).
    #[wasm_bindgen(typescript_type = "Uint8Array<ArrayBuffer> | Uint32Array")]
    pub type JsOutgoing;
}

/// The peers of one track.
#[wasm_bindgen]
pub struct Swarm {
    engine: Engine,
}

#[wasm_bindgen]
impl Swarm {
    /// An engine for `length` bytes whose infohash is that of our rule. `seed`: any number, for what is left to chance.
    ///
    /// # Errors
    /// Digests that do not have 20 bytes, a length that makes no pieces.
    #[wasm_bindgen(constructor)]
    pub fn new(infohash: &[u8], peer_id: &[u8], length: f64, seed: f64, now: f64) -> Result<Swarm, JsError> {
        let infohash = digest(infohash).ok_or_else(|| JsError::new("an infohash has 20 bytes"))?;
        let peer_id = digest(peer_id).ok_or_else(|| JsError::new("a peer id has 20 bytes"))?;
        let geometry = Geometry::by_rule(length as u64)
            .ok_or_else(|| JsError::new("no pieces can be made of this length"))?;
        // A browser's peers have no address that somebody else could call.
        let config = Config { max_peers: MAX_PEERS, exchange: false, ..Config::default() };
        let mut engine = Engine::new(config, InfoHash(infohash), PeerId(peer_id), seed.to_bits(), time(now));
        engine.set_geometry(geometry, time(now));
        Ok(Self { engine })
    }

    /// The info dictionary, bare or in a `.torrent`. `false` unless it hashes to the infohash and is cut by our rule.
    #[wasm_bindgen(js_name = setInfo)]
    pub fn set_info(&mut self, bytes: &[u8], now: f64) -> bool {
        info_of(bytes)
            .or_else(|| info_from_bencode(bytes))
            .is_some_and(|info| self.engine.set_info(info, time(now)))
    }

    /// Bytes of a whole piece.
    #[wasm_bindgen(getter, js_name = pieceLength)]
    #[must_use]
    pub fn piece_length(&self) -> u32 {
        self.engine.geometry().map_or(0, |geometry| geometry.piece_length())
    }

    /// A piece that came another way, by its SHA-1. Whether it is the piece's, and counts from now on; `false` while the
    /// info dictionary is not known.
    pub fn offered(&mut self, piece: u32, sha1: &[u8], now: f64) -> bool {
        let index = PieceIndex(piece);
        let right = self.is_digest_of(index, sha1);
        if right && let Some(pieces) = self.engine.pieces() {
            let mut one = Bitfield::none(pieces.pieces());
            one.set(index);
            self.engine.add_pieces(&one, time(now));
        }
        right
    }

    /// A piece that is not kept any more.
    #[wasm_bindgen(js_name = forgetPiece)]
    pub fn forget_piece(&mut self, piece: u32, now: f64) {
        self.engine.forget_piece(PieceIndex(piece), time(now));
    }

    /// What to fetch: 0 nothing, 1 what readers are about to read, 2 everything.
    #[wasm_bindgen(js_name = setDemand)]
    pub fn set_demand(&mut self, demand: u8, now: f64) {
        let demand = match demand {
            0 => Demand::Nothing,
            1 => Demand::Windows,
            _ => Demand::Everything,
        };
        self.engine.set_demand(demand, time(now));
    }

    /// Where readers are, four numbers each: the next byte, bytes a second, milliseconds that are buffered ahead of it,
    /// and the byte before which the reader stops.
    #[wasm_bindgen(js_name = setPlayheads)]
    pub fn set_playheads(&mut self, numbers: &[f64], now: f64) {
        let (four, _) = numbers.as_chunks::<4>();
        let playheads: Vec<Playhead> = four
            .iter()
            .map(|&[position, rate, buffered, end]| Playhead {
                position: position as u64,
                rate: rate as u32,
                buffered: Duration::from_millis(buffered as u64),
                end: end as u64,
            })
            .collect();
        self.engine.set_playheads(&playheads, time(now));
    }

    /// A data channel that is open. `false`: it is not wanted, close it.
    #[wasm_bindgen(js_name = addPeer)]
    pub fn add_peer(&mut self, conn: u32, initiated: bool, now: f64) -> bool {
        let peer = PeerInfo { kind: PeerKind::WebRtc, outgoing: initiated, address: None };
        self.engine.add_peer(connection(conn), peer, None, time(now)).is_ok()
    }

    /// A message of a data channel.
    pub fn received(&mut self, conn: u32, bytes: Vec<u8>, now: f64) {
        self.engine.received(connection(conn), bytes.into(), time(now));
    }

    /// The channel is closed.
    pub fn closed(&mut self, conn: u32, now: f64) {
        self.engine.closed(connection(conn), time(now));
    }

    /// A connection with something to send. To be asked after every other call until there is none.
    pub fn sendable(&mut self) -> Option<u32> {
        self.engine.sendable().and_then(|conn| u32::try_from(conn.0).ok())
    }

    /// The next thing to send on a connection that can take it.
    #[wasm_bindgen(js_name = pollSend)]
    pub fn poll_send(&mut self, conn: u32, now: f64) -> Option<JsOutgoing> {
        let outgoing: JsValue = match self.engine.poll_send(connection(conn), time(now))? {
            Outgoing::Bytes(bytes) => Uint8Array::from(&bytes[..]).into(),
            Outgoing::Block(block) => Uint32Array::from(&[block.piece.0, block.begin, block.len][..]).into(),
        };
        Some(outgoing.unchecked_into())
    }

    /// The block of a `pollSend` is not there any more.
    pub fn unreadable(&mut self, conn: u32, piece: u32, begin: u32, length: u32, now: f64) {
        let block = Block { piece: PieceIndex(piece), begin, len: length };
        self.engine.unreadable(connection(conn), block, time(now));
    }

    /// A place that gives byte ranges over HTTP.
    #[wasm_bindgen(js_name = addSeed)]
    pub fn add_seed(&mut self, seed: u32, now: f64) {
        let source = WebSeed { align: 1, parallel: FETCHES, free: false };
        self.engine.add_web_seed(WebSeedId(seed), source, time(now));
    }

    /// It must not be asked any more.
    #[wasm_bindgen(js_name = removeSeed)]
    pub fn remove_seed(&mut self, seed: u32, now: f64) {
        self.engine.remove_web_seed(WebSeedId(seed), time(now));
    }

    /// The next bytes of a fetch, in order.
    pub fn fetched(&mut self, seed: u32, fetch: f64, bytes: Vec<u8>, now: f64) {
        self.engine.fetched(WebSeedId(seed), FetchId(fetch as u64), bytes.into(), time(now));
    }

    /// A fetch ended: 0 well, 1 it failed for now, 2 this place can never give the file.
    #[wasm_bindgen(js_name = fetchEnded)]
    pub fn fetch_ended(&mut self, seed: u32, fetch: f64, fault: u8, now: f64) {
        let result = match fault {
            0 => Ok(()),
            1 => Err(FetchFault::Failed),
            _ => Err(FetchFault::Unusable),
        };
        self.engine.fetch_ended(WebSeedId(seed), FetchId(fetch as u64), result, time(now));
    }

    /// Answers a "check": the SHA-1 of the piece as it was kept; `undefined` when it could not be kept. Whether it is
    /// the piece's; also `false` while the info dictionary is not known, and then it has to be answered again.
    pub fn checked(&mut self, piece: u32, sha1: Option<Box<[u8]>>, now: f64) -> bool {
        let index = PieceIndex(piece);
        let verdict = match sha1.as_deref() {
            None => Verdict::Lost,
            Some(_) if self.engine.info().is_none() => return false,
            Some(found) if self.is_digest_of(index, found) => Verdict::Good,
            Some(_) => Verdict::Bad,
        };
        self.engine.checked(index, verdict, time(now));
        verdict == Verdict::Good
    }

    /// What the page has to do next. Blocks that came are copied to the shelf on the way.
    #[wasm_bindgen(js_name = pollEvent)]
    pub fn poll_event(&mut self, shelf: &Shelf) -> Option<JsEvent> {
        loop {
            match self.engine.poll_event()? {
                Event::Block { block, data, .. } => {
                    // A shelf that fails has no room: the check of the piece will say that it is lost.
                    if let Ok(Some(target)) = shelf.place(block.piece.0, block.begin, block.len)
                        && target.length() as usize == data.len()
                    {
                        target.copy_from(&data);
                    }
                }
                event => {
                    if let Some(event) = event::object(&event) {
                        return Some(event);
                    }
                }
            }
        }
    }

    /// To be called when `pollTimeout` has come.
    #[wasm_bindgen(js_name = handleTimeout)]
    pub fn handle_timeout(&mut self, now: f64) {
        self.engine.handle_timeout(time(now));
    }

    /// When the engine wants to be called again, whatever else happens.
    #[wasm_bindgen(js_name = pollTimeout)]
    #[must_use]
    pub fn poll_timeout(&self) -> Option<f64> {
        let at = self.engine.poll_timeout()?;
        (at != Time::NEVER).then(|| at.since_origin().as_secs_f64() * 1000.0)
    }

    /// Numbers for people.
    #[must_use]
    pub fn stats(&self, now: f64) -> JsStats {
        stats::object(&self.engine.stats(time(now)))
    }
}

impl Swarm {
    fn is_digest_of(&self, piece: PieceIndex, sha1: &[u8]) -> bool {
        let expected = self.engine.info().and_then(|info| info.pieces.get(piece.0 as usize));
        expected.is_some_and(|expected| expected[..] == *sha1)
    }
}

/// What goes before a block's bytes on the wire: 13 bytes.
#[wasm_bindgen(js_name = pieceHeader)]
#[must_use]
pub fn piece_header(piece: u32, begin: u32, length: u32) -> Vec<u8> {
    message::piece_header(Block { piece: PieceIndex(piece), begin, len: length }).to_vec()
}

fn digest(bytes: &[u8]) -> Option<Sha1Digest> {
    bytes.try_into().ok()
}

fn connection(conn: u32) -> ConnId {
    ConnId(u64::from(conn))
}

/// Negative and not-a-number are 0: casts from floats saturate.
fn time(ms: f64) -> Time {
    Time::from_origin(Duration::from_micros((ms * 1000.0) as u64))
}
