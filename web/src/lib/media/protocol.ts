/**
 * How a service worker gets bytes that a page has: of attachments the page opened, of a track it shares with others.
 *
 * ```text
 *  element            service worker                     page
 *     | GET path, Range    |                               |
 *     |------------------->| {media:"find", path} + port  |
 *     |                    |------------------------------>|
 *     |                    | {size, type, name} or {none}  |
 *     |                    |<------------------------------|
 *     | 206, headers       | {start, end}                  |
 *     |<-------------------|------------------------------>|   one piece at a time, when the element wants it:
 *     | bytes              | Uint8Array or {failed}        |   nobody holds more than a piece
 *     |<-------------------|<------------------------------|
 *     |                    | {finished: true}                 |
 * ```
 *
 * The worker asks every page it controls, so it needs no memory of its own and may be stopped and started at any time.
 */

/** Bytes asked for at once. */
export const PIECE = 512 << 10;

/** Worker to page, with a port. */
export interface MediaRequest {
  readonly media: "find";
  /** Path of the file, without query. */
  readonly path: string;
  /** Nobody else has it: the page is to get hold of it now, if it can, and to answer then. */
  readonly needed?: boolean;
}

/** Page to worker: there is such a file here. */
export interface MediaHead {
  readonly size: number;
  /** A type of `kind.ts`. */
  readonly type: string;
  readonly name: string;
  /** What never changes has one; it must be the server's, or a player that has seen that takes this for another file. */
  readonly etag?: string;
}

/** Page to worker, first answer on the port. */
export type MediaAnswer = MediaHead | { readonly none: true };

/** Worker to page, on the port; `end` exclusive. `now`: nothing may be waited for; what is not there has failed. */
export type PieceRequest =
  | { readonly start: number; readonly end: number; readonly now?: boolean }
  | { readonly finished: true };

/** Page to worker, on the port. `again`: the bytes may still come, ask once more. */
export type PieceAnswer = Uint8Array<ArrayBuffer> | { readonly failed: string; readonly again?: boolean };

/** Why bytes are not given now: they are still waited for. A page says so from time to time, since a silent one counts as gone. */
export class NotYet extends Error {}

/** Page to worker, without port: take me over; stay awake. */
export type Wish = { readonly media: "claim" } | { readonly media: "stay" };
