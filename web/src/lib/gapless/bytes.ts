/** Where the bytes of a file are had: of one that some server has, by its addresses. */

/** Milliseconds without a byte after which a road is given up, if there is another, and no sound to play meanwhile. */
const SILENCE_MS = 3_000;
/** The same of the only one. */
const LONG_SILENCE_MS = 10_000;

/** Gives bytes one piece after another; what it gave is its taker's. */
export interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array<ArrayBuffer> | undefined }>;
  cancel(): Promise<void>;
}

/** A connection that gives a file's bytes. */
export interface Opened {
  /** Media type. */
  readonly type: string;
  /** Bytes of the whole file; NaN where that is not said. */
  readonly size: number;
  /** Place of the first byte that comes. */
  readonly from: number;
  readonly reader: Reader;
}

/** A file's bytes, from wherever they can be had. */
export interface Bytes {
  /** Begins to read at `position`, or before it. `road`: which way, counted round and round, the best one first. */
  open(position: number, road: number, signal: AbortSignal): Promise<Opened>;
  /** Whether an error is one that no other try gets over. */
  isFinal?(error: unknown): boolean;
  /** Milliseconds without a byte after which a connection is given up; without, none is. */
  silence?(): number;
  /** Whether a connection on this road may rest for as long as one likes: it costs nobody anything. */
  mayRest?(road: number): boolean;
}

/** What is at some addresses. */
export class Fetched implements Bytes {
  /**
   * `addresses`: the best one first; asked anew for every connection. `spare`: milliseconds of sound that are there already.
   * `mayRest`: as in `Bytes`, of an address by its number.
   */
  constructor(
    private readonly addresses: () => readonly string[],
    private readonly known: { readonly spare?: () => number; readonly mayRest?: (road: number) => boolean } = {},
  ) {}

  silence(): number {
    const spare = this.known.spare?.() ?? 0;
    return this.addresses().length > 1 ? Math.max(SILENCE_MS, spare - SILENCE_MS) : LONG_SILENCE_MS;
  }

  mayRest(road: number): boolean {
    return this.known.mayRest?.(road % this.addresses().length) ?? false;
  }

  async open(position: number, road: number, signal: AbortSignal): Promise<Opened> {
    const addresses = this.addresses();
    const address = addresses[road % addresses.length] ?? "";
    const answer = await fetch(address, { headers: { Range: `bytes=${position}-` }, signal });
    if (!answer.ok || !answer.body) throw new Error(`the answer is ${answer.status}`);
    const [, from, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers.get("Content-Range") ?? "") ?? [];
    const isPart = answer.status === 206;
    return {
      type: answer.headers.get("Content-Type") ?? "",
      size: Number(isPart ? size : (answer.headers.get("Content-Length") ?? Number.NaN)),
      from: isPart ? Number(from) : 0,
      reader: answer.body.getReader(),
    };
  }
}
