/**
 * Between the player's service worker and the page: beside the questions of `lib/media/protocol.ts`, what the worker had
 * from the node by itself is told to the page, which keeps it and counts it.
 */

/** Where a track's bytes are asked for. */
const AUDIO = /^\/api\/v1\/tracks\/[^/]+\/audio$/;

/** Marks the address of a track's bytes as one that the worker answers. Without a worker the node does, all the same. */
const MARK = "together";

/** The address of bytes that others may bring. */
export const togetherAt = (audio: string): string => `${audio}?${MARK}`;

export const isTogether = ({ pathname, searchParams }: URL): boolean => AUDIO.test(pathname) && searchParams.has(MARK);

/** Bytes that the worker asks the node for at once: the beginning, where nothing may wait, and what the page cannot give. */
export const HEAD = 128 << 10;

/** Worker to page: what the node gave, or that it gives nothing. */
export type FromNode = { readonly media: "node"; readonly path: string } & (
  | { readonly start: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly refused: true }
);
