/** Bytes that the node is asked for, handed on as they come. */

import type { MediaHead } from "../../lib/media/protocol";

/** Milliseconds in which the node has to begin an answer, and without a byte after which it counts as gone. */
const SILENCE_MS = 4000;

export class NodeRange {
  private constructor(
    /** What the node says of the file. */
    readonly head: MediaHead,
    /** The place of the byte that comes next. */
    public at: number,
    private readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
    private readonly stop: AbortController,
  ) {}

  /**
   * Asks for bytes `start` to `end` (exclusive) of what is at `path`. An answer that is no such range is given as it is;
   * `undefined`: none came.
   *
   * Past the browser's cache, in which one request for a file waits up to 20 s for another one's end.
   */
  static async open(path: string, start: number, end: number): Promise<NodeRange | Response | undefined> {
    const stop = new AbortController();
    const response = await within(
      fetch(path, { headers: { Range: `bytes=${start}-${end - 1}` }, cache: "no-store", signal: stop.signal }),
      stop,
    );
    if (!response) return undefined;
    const size = Number(/^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "")?.[1] ?? Number.NaN);
    if (response.status !== 206 || !response.body || !(size > start)) return response;
    const { headers } = response;
    const head = { size, type: headers.get("Content-Type") ?? "", name: "", etag: headers.get("ETag") ?? "" };
    return new NodeRange(head, start, response.body.getReader(), stop);
  }

  /** The next bytes; `undefined` at the end, and when nothing comes any more. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = (await within(this.reader.read(), this.stop))?.value;
    this.at += bytes?.length ?? 0;
    return bytes;
  }

  close(): void {
    this.stop.abort();
  }
}

/** What comes of `work` in time. What does not is stopped; a failure is nothing. */
async function within<T>(work: Promise<T>, stop: AbortController): Promise<T | undefined> {
  const timer = setTimeout(() => stop.abort(), SILENCE_MS);
  try {
    return await work;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
