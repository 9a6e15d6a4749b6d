/** Files as the module reads them: synchronously, in pieces; each with its way to give parts out later. */

import { letGo } from "../lib/let-go";
import type { JsFile } from "../wasm-older/osp_wasm";
import { SealedError } from "./types";

/** A file that can be read at once, and let go of. */
export interface LocalFile extends JsFile {
  close(): void;
}

/** Bytes at hand. */
export class BytesFile implements LocalFile {
  constructor(private readonly bytes: Uint8Array) {}

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, into: Uint8Array): number {
    const part = this.bytes.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }

  close(): void {}
}

/** What is fetched from a Blob at once: calls are expensive, memory is too. */
const PIECE = 4 << 20;

/** A Blob in a Worker, where reading may block. */
export class BlobFile implements LocalFile {
  private readonly reader = new FileReaderSync();
  private piece = new Uint8Array();
  private at = 0;

  constructor(private readonly blob: Blob) {}

  get size(): number {
    return this.blob.size;
  }

  read(offset: number, into: Uint8Array): number {
    if (offset < this.at || offset >= this.at + this.piece.length) {
      letGo(this.piece);
      this.piece = new Uint8Array();
      try {
        this.piece = new Uint8Array(this.reader.readAsArrayBuffer(this.blob.slice(offset, offset + PIECE)));
      } catch {
        throw new SealedError("changed", "the file can no longer be read; choose it again");
      }
      this.at = offset;
    }
    const part = this.piece.subarray(offset - this.at, offset - this.at + into.length);
    into.set(part);
    return part.length;
  }

  close(): void {
    letGo(this.piece);
    this.piece = new Uint8Array();
  }
}
