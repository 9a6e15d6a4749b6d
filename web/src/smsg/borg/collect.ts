/** A whole file opened from memory into memory. */

import type { Key } from "../../wasm-older/osp_wasm";
import { BytesFile } from "../files";
import type { Module } from "../module";
import type { Attachment, Message } from "../types";
import { attachmentsFromWire, messageFromWire, type WireMessage } from "../wire";

export interface Collected {
  readonly message: Message;
  readonly attachments: readonly Attachment[];
  readonly contents: readonly Uint8Array[];
}

/** Opens a file whatever date its manifest names, as the original does. Frees `key`. */
export function collect(module: Module, file: Uint8Array, key: Key): Collected {
  let wire: WireMessage = { body: "" };
  let attachments: Attachment[] = [];
  const contents: Growing[] = [];
  try {
    module.openFile(new BytesFile(file), key, undefined, undefined, {
      message(json) {
        wire = JSON.parse(json) as WireMessage;
        attachments = attachmentsFromWire(wire);
      },
      content(attachment, bytes) {
        // A message can claim any size; memory is asked for as the file is long, then as bytes come.
        contents[attachment] ??= new Growing(Math.min(attachments[attachment]?.size ?? 0, file.length));
        contents[attachment].append(bytes);
      },
    });
  } finally {
    key.free();
  }
  return { message: messageFromWire(wire), attachments, contents: attachments.map((_, index) => contents[index]?.done() ?? new Uint8Array()) };
}

/** Bytes that come piece by piece. */
class Growing {
  private buffer: Uint8Array;
  private length = 0;

  constructor(expected: number) {
    this.buffer = new Uint8Array(expected);
  }

  append(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(bytes, this.length);
    this.length = needed;
  }

  /** Exactly the bytes, in a buffer of their own: pages pass `data.buffer` on. */
  done(): Uint8Array {
    return this.length === this.buffer.length ? this.buffer : this.buffer.slice(0, this.length);
  }
}
