/**
 * Between the page and the worker that speaks with trackers and fetches ranges.
 *
 * The worker exists because of the pages' policy: they may ask their own server only. Trackers and mirrors are named by
 * records, so it is the worker, whose script runs nothing but this, that may ask anybody.
 */

/** Page to worker. `id` names a socket or a fetch, never twice. */
export type Order =
  | { readonly id: number; readonly open: string }
  | { readonly id: number; readonly send: string }
  /** Bytes `start` to `end`, exclusive. */
  | { readonly id: number; readonly get: string; readonly start: number; readonly end: number }
  /** Close the socket, stop the fetch. Nothing more comes of it. */
  | { readonly id: number; readonly stop: true };

/** How a fetch ended. */
export const Ending = {
  well: 0,
  /** Unreachable, broken off, stalled, overloaded: another try may do. */
  failed: 1,
  /** It does not have the file, or gives no ranges. */
  unusable: 2,
} as const;
export type Ending = (typeof Ending)[keyof typeof Ending];

/** Worker to page. */
export type News =
  | { readonly id: number; readonly opened: true }
  | { readonly id: number; readonly text: string }
  | { readonly id: number; readonly closed: true }
  | { readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly ended: Ending };
