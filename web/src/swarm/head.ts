/** What the service worker had from the node on its own, before the page could answer: put together to whole pieces. */

/** Bytes that are kept in a row, and how many rows: players read the beginning and the end first, and where one seeks to. */
const MAX_HELD = 1 << 20;
const MAX_ROWS = 3;

/** Bytes that follow each other. */
interface Row {
  start: number;
  end: number;
  parts: Uint8Array[];
}

export class Head {
  private rows: Row[] = [];

  /** More bytes, behind what is there or somewhere else. */
  add(start: number, bytes: Uint8Array): void {
    let row = this.rows.find(({ end }) => end === start);
    if (!row || row.end - row.start + bytes.length > MAX_HELD) {
      row = { start, end: start, parts: [] };
      this.rows = [...this.rows, row].slice(-MAX_ROWS);
    }
    row.parts.push(bytes);
    row.end += bytes.length;
  }

  /** The whole pieces in it, which it then forgets. */
  take(pieceLength: number, size: number): { piece: number; bytes: Uint8Array<ArrayBuffer> }[] {
    return this.rows.flatMap((row) => takeFrom(row, pieceLength, size));
  }
}

function takeFrom(row: Row, pieceLength: number, size: number) {
  const all = joined(row);
  const base = row.start;
  const out = [];
  for (let piece = Math.ceil(base / pieceLength); piece * pieceLength < size; piece += 1) {
    const [from, to] = [piece * pieceLength, Math.min((piece + 1) * pieceLength, size)];
    if (to > row.end) break;
    out.push({ piece, bytes: all.slice(from - base, to - base) });
    row.start = to;
  }
  row.parts = [all.subarray(row.start - base)];
  return out;
}

function joined({ start, end, parts }: Row): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(end - start);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
