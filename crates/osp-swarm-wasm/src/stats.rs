//! Numbers as plain objects.

use crate::event::{number, set};
use js_sys::{Array, Object};
use osp_swarm::Stats;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Numbers about one track's swarm. Bytes are verified ones. */
export interface SwarmStats {
  readonly peers: readonly {
    readonly conn: number;
    /** The other side's program. */
    readonly client: string | undefined;
    readonly downloaded: number;
    readonly uploaded: number;
    /** Bytes a second, lately. */
    readonly downloadRate: number;
    readonly uploadRate: number;
    /** Pieces it has. */
    readonly has: number;
  }[];
  /** Bytes from each web seed, by its number. */
  readonly seeds: readonly (readonly [seed: number, bytes: number])[];
  /** Bytes from peers, those that are gone included. */
  readonly fromPeers: number;
  readonly uploaded: number;
  /** Bytes that came in vain: twice, or bad. */
  readonly wasted: number;
  /** Pieces that are there. */
  readonly pieces: number;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// A plain object of the TypeScript type above.
    #[wasm_bindgen(typescript_type = "SwarmStats")]
    pub type JsStats;
}

pub(crate) fn object(stats: &Stats) -> JsStats {
    let peers = Array::new();
    for peer in &stats.peers {
        let one = Object::new();
        set(&one, "conn", &number(peer.conn.0));
        set(&one, "client", &peer.client.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str));
        set(&one, "downloaded", &number(peer.downloaded));
        set(&one, "uploaded", &number(peer.uploaded));
        set(&one, "downloadRate", &number(peer.download_rate));
        set(&one, "uploadRate", &number(peer.upload_rate));
        set(&one, "has", &peer.has.into());
        peers.push(&one);
    }
    let seeds = Array::new();
    for (seed, bytes) in &stats.web_seeds {
        seeds.push(&Array::of2(&seed.0.into(), &number(*bytes)));
    }
    let all = Object::new();
    set(&all, "peers", &peers);
    set(&all, "seeds", &seeds);
    set(&all, "fromPeers", &number(stats.from_webtorrent.saturating_add(stats.from_bittorrent)));
    set(&all, "uploaded", &number(stats.uploaded));
    set(&all, "wasted", &number(stats.wasted));
    set(&all, "pieces", &stats.pieces.into());
    all.unchecked_into()
}
