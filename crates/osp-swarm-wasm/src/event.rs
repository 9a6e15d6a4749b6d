//! The engine's events as plain objects.

use js_sys::{Object, Reflect};
use osp_swarm::Event;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What the page has to do. */
export type SwarmEvent =
  /** All blocks of the piece were given to the shelf: hash it, and answer with `checked`. */
  | { readonly type: "check"; readonly piece: number }
  /** Forget what was given of the piece. */
  | { readonly type: "discard"; readonly piece: number }
  /** The info dictionary is known, by a peer. */
  | { readonly type: "info" }
  /** Peers of this torrent cannot be used: it is not cut by our rule. */
  | { readonly type: "mismatch" }
  /** Fetch bytes `start` to `end` (exclusive). */
  | { readonly type: "fetch"; readonly seed: number; readonly fetch: number; readonly start: number; readonly end: number }
  /** Stop that; no answer is needed. */
  | { readonly type: "cancelFetch"; readonly seed: number; readonly fetch: number }
  /** Close the channel. */
  | { readonly type: "close"; readonly conn: number; readonly reason: string; readonly lie: boolean }
  /** The web seed must not be asked any more. */
  | { readonly type: "dropSeed"; readonly seed: number; readonly reason: string; readonly lie: boolean }
  /** All pieces are there. */
  | { readonly type: "complete" };
"#;

#[wasm_bindgen]
extern "C" {
    /// A plain object of the TypeScript type above.
    #[wasm_bindgen(typescript_type = "SwarmEvent")]
    pub type JsEvent;
}

/// `None` for what a page has no use for: addresses of peers, which it cannot call, and blocks, which take another way.
pub(crate) fn object(event: &Event) -> Option<JsEvent> {
    let object = match event {
        Event::Check(piece) => tagged("check", &[("piece", piece.0.into())]),
        Event::Discard(piece) => tagged("discard", &[("piece", piece.0.into())]),
        Event::Info(_) => tagged("info", &[]),
        Event::InfoMismatch => tagged("mismatch", &[]),
        Event::Fetch { seed, fetch, range } => tagged(
            "fetch",
            &[
                ("seed", seed.0.into()),
                ("fetch", number(fetch.0)),
                ("start", number(range.start)),
                ("end", number(range.end)),
            ],
        ),
        Event::CancelFetch { seed, fetch } => {
            tagged("cancelFetch", &[("seed", seed.0.into()), ("fetch", number(fetch.0))])
        }
        Event::Close { conn, reason } => tagged(
            "close",
            &[
                ("conn", number(conn.0)),
                ("reason", reason.to_string().into()),
                ("lie", reason.is_lie().into()),
            ],
        ),
        Event::DropWebSeed { seed, reason } => tagged(
            "dropSeed",
            &[
                ("seed", seed.0.into()),
                ("reason", reason.to_string().into()),
                ("lie", reason.is_lie().into()),
            ],
        ),
        Event::Complete => tagged("complete", &[]),
        _ => return None,
    };
    Some(object.unchecked_into())
}

fn tagged(kind: &str, members: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    set(&object, "type", &kind.into());
    for (name, value) in members {
        set(&object, name, value);
    }
    object
}

/// Setting a member of a fresh, extensible object cannot fail, so the result says nothing.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    drop(Reflect::set(object, &name.into(), value));
}

/// Counts and places fit into a double: files end long before 2^53.
pub(crate) fn number(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}
