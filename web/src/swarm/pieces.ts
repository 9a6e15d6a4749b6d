/** The pieces of one track that this page has, in memory. */

import type { Shelf } from "../wasm-swarm/osp_swarm_wasm";

/**
 * - `open`: blocks are still coming;
 * - `hashing`: complete, and not changed any more until it is judged;
 * - `proven`: what the artist signed.
 */
type State = "open" | "hashing" | "proven";

interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  state: State;
  /** Whether it was played already: played again, it comes from the cache. */
  played: boolean;
}

export class Pieces implements Shelf {
  private readonly pieces = new Map<number, Piece>();
  /** Bytes that are held. */
  held = 0;

  constructor(
    readonly size: number,
    readonly pieceLength: number,
  ) {}

  get count(): number {
    return Math.ceil(this.size / this.pieceLength);
  }

  lengthOf(piece: number): number {
    return Math.min(this.pieceLength, this.size - piece * this.pieceLength);
  }

  /** Where blocks go. A piece that is complete takes no more: the last copy of a block may be another one than was hashed. */
  place(piece: number, begin: number, length: number): Uint8Array | undefined {
    const found = this.pieces.get(piece) ?? this.add(piece, "open");
    return found.state === "open" ? found.bytes.subarray(begin, begin + length) : undefined;
  }

  /** The whole piece, to be hashed. */
  complete(piece: number): Uint8Array<ArrayBuffer> | undefined {
    const found = this.pieces.get(piece);
    if (found?.state !== "open") return undefined;
    found.state = "hashing";
    return found.bytes;
  }

  proven(piece: number): void {
    const found = this.pieces.get(piece);
    if (found) found.state = "proven";
  }

  /** Keeps a piece that came another way, and was proven. */
  keep(piece: number, bytes: Uint8Array): void {
    const kept = this.pieces.get(piece) ?? this.add(piece, "proven");
    kept.bytes.set(bytes);
    kept.state = "proven";
  }

  has(piece: number): boolean {
    return this.pieces.get(piece)?.state === "proven";
  }

  drop(piece: number): void {
    const found = this.pieces.get(piece);
    if (!found) return;
    this.pieces.delete(piece);
    this.held -= found.bytes.length;
  }

  /** A block for somebody else; `undefined` when it is not here any more. */
  block(piece: number, begin: number, length: number): Uint8Array | undefined {
    const found = this.pieces.get(piece);
    return found?.state === "proven" ? found.bytes.subarray(begin, begin + length) : undefined;
  }

  /** A copy of what is proven from `start` on, before `end` and inside one piece, and whether it was played before. */
  read(start: number, end: number): { bytes: Uint8Array<ArrayBuffer>; again: boolean } | undefined {
    const index = Math.floor(start / this.pieceLength);
    const piece = this.pieces.get(index);
    if (piece?.state !== "proven") return undefined;
    const base = index * this.pieceLength;
    const bytes = piece.bytes.slice(start - base, end - base);
    const again = piece.played;
    if (base + this.lengthOf(index) <= end) piece.played = true;
    return { bytes, again };
  }

  /** Proven pieces that lie wholly before a place, the first ones first. */
  *before(place: number): Generator<number> {
    const behind = Math.floor(place / this.pieceLength);
    for (let piece = 0; piece < behind; piece += 1) if (this.has(piece)) yield piece;
  }

  private add(piece: number, state: State): Piece {
    const added: Piece = { bytes: new Uint8Array(this.lengthOf(piece)), state, played: false };
    this.pieces.set(piece, added);
    this.held += added.bytes.length;
    return added;
  }
}
