/** An opened file of version 3.0: each stretch that the keys open is a file, with what a decoder needs first in front of it. */

import type { OpenRelease as Keys } from "../../wasm/osp_wasm";
import type { OpenRelease } from "../releases";
import type { Remote } from "../remote";
import { SealedError, type Attachment, type Beside, type Message, type Terms } from "../types";
import { Runs, wasClosed } from "./runs";
import { attachmentOf, termsFromWire, type WireRelease, type WireStretch, type WireTerms } from "./wire";

interface File {
  readonly stretch: WireStretch;
  /** Its first byte in the part. */
  readonly from: number;
  /** Put before the plaintext; empty where that begins with it. */
  readonly init: Uint8Array;
  readonly size: number;
}

export class OpenedStretches implements OpenRelease {
  readonly message: Message = { body: "" };
  readonly attachments: readonly Attachment[];
  readonly terms: Terms;
  readonly serial: number | undefined;
  private readonly files: readonly File[];
  private readonly runs: Runs;
  private closed = false;

  /** Takes over `keys`. */
  constructor(
    private readonly keys: Keys,
    remote: Remote,
    wire: WireRelease,
    stretches: readonly WireStretch[],
    initOf: (part: number) => Uint8Array | undefined,
    readonly tableSeen: number,
    readonly beside: Beside | undefined,
  ) {
    this.files = stretches.map((stretch) => {
      const known = initOf(stretch.part);
      // The beginning of a file that needs none says how long the whole is: what is but a part begins behind it.
      const isBeginning = stretch.from === 0 && stretch.to < wire.parts[stretch.part]!.bytes;
      const anew = isBeginning && (!known || isWave(known));
      const from = anew ? Math.min(keys.seek(stretch.part, 0), stretch.to) : stretch.from;
      const given = (stretch.from > 0 || anew ? known : undefined) ?? new Uint8Array();
      const init = sizedWave(given, stretch.to - from);
      return { stretch, from, init, size: init.length + stretch.to - from };
    });
    this.attachments = this.files.map(({ stretch, size }) => attachmentOf(wire, stretch, size));
    this.terms = termsFromWire(JSON.parse(keys.terms()) as WireTerms);
    this.serial = keys.serial;
    this.runs = new Runs(keys, remote, (chunk) => {
      const { part, chunks } = stretches.find((stretch) => stretch.chunks[0] <= chunk && chunk < stretch.chunks[1])!;
      return { part, end: chunks[1] };
    });
  }

  async read(attachment: number, start: number, end: number, signal?: AbortSignal, some = false): Promise<Uint8Array> {
    const file = this.files[attachment];
    if (!file || !(start >= 0) || !(end >= start)) throw new SealedError("out_of_range", "there is no such part of an attachment");
    const [from, to] = [Math.min(Math.floor(start), file.size), Math.min(Math.floor(end), file.size)];
    const out = new Uint8Array(to - from);
    out.set(file.init.subarray(from, to));
    let done = Math.max(0, Math.min(to, file.init.length) - from);
    while (done < out.length) {
      if (this.closed) throw wasClosed();
      const at = file.from + from + done - file.init.length;
      const chunk = this.chunkAt(file, at);
      if (some && done > 0 && !this.runs.has(chunk)) return out.slice(0, done);
      const plain = await this.runs.get(chunk, signal);
      const part = plain.subarray(at - this.startOf(chunk), at - this.startOf(chunk) + out.length - done);
      out.set(part, done);
      done += part.length;
      if (chunk + 1 < file.stretch.chunks[1]) this.runs.ahead(chunk + 1);
    }
    return out;
  }

  /** Begins to fetch what plays at a moment of an attachment. */
  ahead(attachment: number, seconds: number): void {
    const file = this.files[attachment];
    if (!file || this.closed) return;
    const { part, to } = file.stretch;
    const byte = this.keys.seek(part, file.stretch.seconds[0] + seconds);
    this.runs.ahead(this.chunkAt(file, Math.min(Math.max(byte, file.from), to - 1)));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.runs.close();
    this.keys.free();
  }

  /** The chunk in which a byte of the part is, by halving. */
  private chunkAt({ stretch }: File, byte: number): number {
    let [low, high] = stretch.chunks;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.startOf(middle) <= byte) low = middle;
      else high = middle;
    }
    return low;
  }

  private startOf(chunk: number): number {
    return this.keys.place(chunk)[2]!;
  }
}

/** The beginning of a WAV file that is for any number of samples, for this many bytes of them; others as they are. */
export function sizedWave(init: Uint8Array, samples: number): Uint8Array {
  const all = samples + init.length - 8;
  if (!isWave(init) || all > 0xffff_ffff) return init;
  const sized = init.slice();
  const view = new DataView(sized.buffer);
  if (view.getUint32(4, true) !== 0xffff_ffff || view.getUint32(init.length - 4, true) !== 0xffff_ffff) return init;
  view.setUint32(4, all, true);
  view.setUint32(init.length - 4, samples, true);
  return sized;
}

const isWave = (init: Uint8Array): boolean =>
  init.length >= 44 && String.fromCharCode(...init.subarray(0, 4), ...init.subarray(8, 12)) === "RIFFWAVE";
