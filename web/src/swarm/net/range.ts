/** One range of a file over HTTP, as it comes. */

import { Ending } from "./protocol";

/** Milliseconds without a byte after which a place counts as stalled. */
const SILENCE_MS = 8000;

/** Statuses after which another try may do: too early, too busy, broken for now. */
const PASSING = new Set([408, 425, 429]);

/** Gives bytes `start` to `end` (exclusive) of what is at `url` to `give`, and says how that went. */
export async function fetchRange(
  url: string,
  start: number,
  end: number,
  give: (bytes: Uint8Array<ArrayBuffer>) => void,
  stop: AbortController,
): Promise<Ending> {
  const silence = new Silence(stop);
  try {
    const response = await fetch(url, {
      headers: { Range: `bytes=${start}-${end - 1}` },
      signal: stop.signal,
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    if (!isTheRange(response, start)) {
      stop.abort();
      return response.status >= 500 || PASSING.has(response.status) ? Ending.failed : Ending.unusable;
    }
    const reader = response.body?.getReader();
    let left = end - start;
    while (left > 0) {
      const part = await reader?.read();
      if (!part?.value) return Ending.failed;
      silence.broken();
      const bytes = part.value.length > left ? part.value.slice(0, left) : part.value;
      left -= bytes.length;
      give(bytes);
    }
    // More than was asked for would be read to its end otherwise.
    void reader?.cancel();
    return Ending.well;
  } catch {
    return Ending.failed;
  } finally {
    silence.end();
  }
}

/** Whether an answer is the range, or a whole file whose beginning it is. */
export function isTheRange(response: Pick<Response, "status" | "headers">, start: number): boolean {
  // A page in the file's place, with status 200, is the most usual way of mirrors to fail.
  if (response.headers.get("Content-Type")?.startsWith("text/html")) return false;
  if (response.status === 200) return start === 0;
  if (response.status !== 206) return false;
  // Other servers' Content-Range is readable only where they allow it; the bytes are checked in any case.
  const said = /^bytes (\d+)-/.exec(response.headers.get("Content-Range") ?? "")?.[1];
  return said === undefined || Number(said) === start;
}

/** Stops a fetch that says nothing. */
class Silence {
  private timer: ReturnType<typeof setTimeout>;

  constructor(private readonly stop: AbortController) {
    this.timer = this.wait();
  }

  broken() {
    clearTimeout(this.timer);
    this.timer = this.wait();
  }

  end() {
    clearTimeout(this.timer);
  }

  private wait() {
    return setTimeout(() => this.stop.abort(), SILENCE_MS);
  }
}
