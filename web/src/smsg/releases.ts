/** Opened releases, in the Worker. */

import { letGo } from "../lib/let-go";
import type { Cek, Chunks } from "../wasm-older/osp_wasm";
import { ChunkCache } from "./chunk-cache";
import type { LocalFile } from "./files";
import type { Module } from "./module";
import type { Remote } from "./remote";
import { Store } from "./store";
import { SealedError, type Attachment, type Beside, type Message, type Terms } from "./types";
import { attachmentsFromWire, messageFromWire, type WireMessage } from "./wire";

/** Start and end of an attachment in the plaintext. */
type Place = readonly [number, number];

export interface OpenRelease {
  readonly message: Message;
  readonly attachments: readonly Attachment[];
  /** 3.0: what was sold, and the seller's number for the key. */
  readonly terms?: Terms | undefined;
  readonly serial?: number | undefined;
  /** 3.0: the highest number of a table beside the file that was seen. */
  readonly tableSeen?: number | undefined;
  readonly beside?: Beside | undefined;
  /** Clamped to the attachment. `some`: fewer bytes, rather than wait for more. */
  read(attachment: number, start: number, end: number, signal?: AbortSignal, some?: boolean): Promise<Uint8Array>;
  /** Begins to fetch what plays at a moment of an attachment. */
  ahead?(attachment: number, seconds: number): void;
  close(): void;
}

const wasClosed = () => new SealedError("aborted", "the release was closed");

/** The part of the plaintext that a read means. */
function rangeOf(places: readonly Place[], attachment: number, start: number, end: number): Place {
  const place = places[attachment];
  if (!place || !(start >= 0) || !(end >= start)) throw new SealedError("out_of_range", "there is no such part of an attachment");
  const clamp = (at: number) => Math.min(place[0] + Math.floor(at), place[1]);
  return [clamp(start), clamp(end)];
}

/** A chunked file: content is fetched and opened when it is read. */
export class ChunkedRelease implements OpenRelease {
  private readonly cache: ChunkCache;
  private closed = false;

  private constructor(
    readonly message: Message,
    readonly attachments: readonly Attachment[],
    private readonly places: readonly Place[],
    private readonly chunks: Chunks,
    fetchChunk: (chunk: number, signal: AbortSignal) => Promise<Uint8Array>,
    private readonly closeSource: () => void,
  ) {
    this.cache = new ChunkCache(fetchChunk);
  }

  /** Opens as many chunks as it takes to find the message. Takes over `cek` and `chunks`. */
  static async open(
    module: Module,
    source: { readonly remote: Remote; close(): void },
    chunks: Chunks,
    cek: Cek,
    signal?: AbortSignal,
  ): Promise<ChunkedRelease> {
    let closed = false;
    const fetchChunk = async (chunk: number, stop?: AbortSignal): Promise<Uint8Array> => {
      const [start, end] = chunks.place(chunk) as unknown as [number, number];
      const sealed = await source.remote.range(start, end, stop);
      if (closed) throw wasClosed();
      const opened = module.openChunk(cek, chunk, sealed);
      letGo(sealed);
      return opened;
    };
    const close = () => {
      closed = true;
      source.close();
      chunks.free();
      cek.free();
    };
    const head = new module.Head();
    try {
      for (let chunk = 0; chunk < chunks.length; chunk += 1) {
        const found = head.push(await fetchChunk(chunk, signal), chunks.plaintextLength);
        if (found === undefined) continue;
        const { message, places } = JSON.parse(found) as { message: WireMessage; places: Place[] };
        const [text, attachments] = [messageFromWire(message), attachmentsFromWire(message)];
        return new ChunkedRelease(text, attachments, places, chunks, fetchChunk, close);
      }
    } finally {
      head.free();
    }
    throw new SealedError("invalid_payload", "the decrypted content is not a message; the file was made wrongly, ask for another");
  }

  async read(attachment: number, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const [from, to] = rangeOf(this.places, attachment, start, end);
    const out = new Uint8Array(to - from);
    if (out.length === 0) return out;
    const [first, last] = this.chunks.covering(from, to) as unknown as [number, number];
    for (let chunk = first; chunk < last; chunk += 1) {
      const plaintext = await this.cache.get(chunk, signal);
      if (this.closed) throw wasClosed();
      const at = this.chunks.place(chunk)[2]!;
      out.set(plaintext.subarray(Math.max(0, from - at), to - at), Math.max(0, at - from));
    }
    if (last < this.chunks.length && this.chunks.place(last)[2]! < this.places[attachment]![1]) this.cache.ahead(last);
    return out;
  }

  close(): void {
    this.closed = true;
    this.cache.close();
    this.closeSource();
  }
}

/** Any other file: its content lies opened in a store. */
export class WholeRelease implements OpenRelease {
  private constructor(
    readonly message: Message,
    readonly attachments: readonly Attachment[],
    private readonly places: readonly Place[],
    private readonly store: Store,
  ) {}

  /** Reads all of `file`. Nothing is given out unless everything was authentic. */
  static async open(
    module: Module,
    file: LocalFile,
    key: Parameters<Module["openFile"]>[1],
    options: { readonly now: number | undefined; readonly maxDecompressed: number | undefined; readonly compressed: boolean },
  ): Promise<WholeRelease> {
    const store = await Store.open(options.compressed ? Infinity : file.size);
    let message: WireMessage = { body: "" };
    const ends: number[] = [];
    try {
      module.openFile(file, key, options.now, options.maxDecompressed, {
        message: (json) => {
          message = JSON.parse(json) as WireMessage;
        },
        content: (attachment, bytes) => {
          store.append(bytes);
          ends[attachment] = store.size;
        },
      });
    } catch (error) {
      store.close();
      throw error;
    }
    const attachments = attachmentsFromWire(message);
    const places = attachments.map((_, index): Place => [ends[index - 1] ?? 0, ends[index] ?? 0]);
    return new WholeRelease(messageFromWire(message), attachments, places, store);
  }

  async read(attachment: number, start: number, end: number): Promise<Uint8Array> {
    const [from, to] = rangeOf(this.places, attachment, start, end);
    const out = new Uint8Array(to - from);
    for (let done = 0; done < out.length; ) {
      const got = this.store.read(from + done, out.subarray(done));
      if (got === 0) throw new SealedError("changed", "the browser no longer has the content; open the file again");
      done += got;
    }
    return out;
  }

  close(): void {
    this.store.close();
  }
}
