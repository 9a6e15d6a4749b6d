/** Sources that are read piece by piece without blocking: a Blob, and a URL by Range requests (RFC 9110, section 14). */

import { SealedError } from "./types";

/** Where bytes come from. */
export interface Remote {
  /** Bytes in all, once known. */
  readonly size: number | undefined;
  /** `[start, end)`; fewer bytes where the source ends before. */
  range(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** The same in pieces, as they arrive. */
  pieces(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** All of it, in order. */
  all(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export class BlobRemote implements Remote {
  constructor(readonly blob: Blob) {}

  get size(): number {
    return this.blob.size;
  }

  async range(start: number, end: number): Promise<Uint8Array> {
    try {
      return new Uint8Array(await this.blob.slice(start, end).arrayBuffer());
    } catch {
      throw new SealedError("changed", "the file can no longer be read; choose it again");
    }
  }

  async *pieces(start: number, end: number): AsyncIterable<Uint8Array> {
    yield await this.range(start, end);
  }

  async *all(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.blob.size; at += 1 << 20) yield await this.range(at, at + (1 << 20));
  }
}

/** A server that does not do ranges sends everything; so much of it is taken into account as ranges, then never again. */
export class UrlRemote implements Remote {
  size: number | undefined;
  /** Set by the first answer: whether the server answers ranges. */
  ranges: boolean | undefined;
  /** The file's validator, so that parts of two versions are never mixed. */
  private version: string | undefined;

  constructor(readonly url: URL) {}

  async range(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces(start, end, signal)) pieces.push(piece);
    return joined(pieces);
  }

  async *pieces(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    if (end <= start || (this.size !== undefined && start >= this.size)) return;
    const response = await this.get({ Range: `bytes=${start}-${end - 1}` }, signal);
    if (response.status === 206) {
      const part = contentRange(response) ?? (hidden(response) ? { start, end, total: undefined } : undefined);
      if (!part || part.start !== start || part.end > end) {
        await response.body?.cancel();
        throw new SealedError("network", "the server answered with other bytes than were asked for");
      }
      this.note(response, part.total);
      this.ranges = true;
      let length = 0;
      for await (const piece of take(response, part.end - part.start)) {
        length += piece.length;
        yield piece;
      }
      if (length !== part.end - part.start && !hidden(response)) throw new SealedError("network", "the connection ended too early; try again");
      return;
    }
    // 200: the whole file. What was asked for is taken from its beginning, if that is near; the rest is not downloaded.
    this.ranges = false;
    const length = Number(response.headers.get("Content-Length") ?? Number.NaN);
    // A length under a content coding is that of the coded bytes.
    this.note(response, Number.isSafeInteger(length) && !response.headers.has("Content-Encoding") ? length : undefined);
    let at = 0;
    for await (const piece of take(response, end)) {
      if (at + piece.length > start) yield piece.subarray(Math.max(0, start - at));
      at += piece.length;
    }
  }

  async *all(signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const response = await this.get({}, signal);
    const reader = response.body?.getReader();
    if (!reader) return;
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          throw lost(error);
        });
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  private async get(headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.url, { headers, ...(signal && { signal }) });
    } catch (error) {
      throw lost(error);
    }
    if (response.status === 416) throw new SealedError("changed", "the file at this address changed while it was being read; start again");
    if (!response.ok) {
      await response.body?.cancel();
      throw new SealedError("network", `the server did not give out the file (HTTP ${response.status})`, response.status);
    }
    return response;
  }

  private note(response: Response, total: number | undefined): void {
    const version = `${total ?? ""} ${response.headers.get("ETag") ?? response.headers.get("Last-Modified") ?? ""}`;
    if (this.version !== undefined && this.version !== version) {
      throw new SealedError("changed", "the file at this address changed while it was being read; start again");
    }
    this.version = version;
    this.size ??= total;
  }
}

function lost(error: unknown): unknown {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  return new SealedError("network", "the address could not be reached, or does not allow this page to read it");
}

/** Another origin's answer that does not let this page see its range; what comes is authenticated all the same. */
const hidden = (response: Response): boolean => response.type === "cors" && !response.headers.has("Content-Range");

/** `bytes 0-99/1234`, end exclusive. */
function contentRange(response: Response): { start: number; end: number; total: number | undefined } | undefined {
  const found = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers.get("Content-Range") ?? "");
  if (!found) return undefined;
  const [start, last, total] = [Number(found[1]), Number(found[2]), found[3] === "*" ? undefined : Number(found[3])];
  return last >= start && (total === undefined || last < total) ? { start, end: last + 1, total } : undefined;
}

/** The first `limit` bytes of a body; what follows is not downloaded. */
async function* take(response: Response, limit: number): AsyncIterable<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (let length = 0; length < limit; ) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw lost(error);
      });
      if (done) break;
      const piece = value.subarray(0, limit - length);
      length += piece.length;
      yield piece;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
