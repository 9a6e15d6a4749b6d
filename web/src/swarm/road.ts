/**
 * Between the player's service worker and the page: beside the questions of `lib/media/protocol.ts`, what the worker had
 * from the node by itself is told to the page, which keeps it and counts it.
 */

/** Where a track's bytes are asked for. */
export const AUDIO = /^\/api\/v1\/tracks\/[^/]+\/audio$/;

/** Bytes that the worker asks the node for at once: the beginning, where nothing may wait, and what the page cannot give. */
export const HEAD = 256 << 10;

/** The player's service worker. */
export const PLACE = { script: "/swarm/sw.js", scope: "/" } as const;

/** Worker to page. */
export interface FromNode {
  readonly media: "node";
  readonly path: string;
  readonly start: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
