/** What the service worker had from the node on its own, before the page could answer: put together to whole pieces. */

/** Bytes that are kept for a track that is not shared yet. */
const MAX_HELD = 1 << 20;

/** The beginning of a file, or of what follows a seek, in the order it came. */
export class Head {
  private parts: Uint8Array[] = [];
  private start = 0;
  private held = 0;

  /** More bytes; those that do not follow what is there begin anew. */
  add(start: number, bytes: Uint8Array): void {
    if (start !== this.start + this.held || this.held + bytes.length > MAX_HELD) {
      this.parts = [];
      this.start = start;
      this.held = 0;
    }
    this.parts.push(bytes);
    this.held += bytes.length;
  }

  /** The whole pieces in it, which it then forgets. */
  take(pieceLength: number, size: number): { piece: number; bytes: Uint8Array<ArrayBuffer> }[] {
    const end = this.start + this.held;
    const first = Math.ceil(this.start / pieceLength);
    const out = [];
    const all = this.joined();
    let kept = this.start;
    for (let piece = first; piece * pieceLength < size; piece += 1) {
      const [from, to] = [piece * pieceLength, Math.min((piece + 1) * pieceLength, size)];
      if (to > end) break;
      out.push({ piece, bytes: all.slice(from - this.start, to - this.start) });
      kept = to;
    }
    if (kept > this.start) {
      this.parts = [all.subarray(kept - this.start)];
      this.held = end - kept;
      this.start = kept;
    }
    return out;
  }

  private joined(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.held);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
