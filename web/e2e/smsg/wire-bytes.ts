/**
 * How many bytes the opening of a file of version 3.0 takes from the wire: the Worker's own code, in Node, with a server whose
 * bytes are counted as they are read, so that the outcome is the same on every machine.
 */

import { readFileSync } from "node:fs";
import { inspect } from "../../src/smsg/session";
import type { Credential } from "../../src/smsg/types";
import * as wasm from "../../src/wasm/osp_wasm.js";

/** What arrives at once: what a packet of a network carries. */
const PIECE = 1460;

export class WireBytes {
  private taken = 0;

  constructor(private readonly file: Buffer) {}

  /** Opens the file, and reads the first attachment until `seconds` of it are there: bytes taken, and bytes of sound. */
  async until(seconds: number, credential: Credential): Promise<{ taken: number; sound: number }> {
    const real = globalThis.fetch;
    globalThis.fetch = (_, init) => Promise.resolve(this.answer(new Headers(init?.headers).get("Range") ?? ""));
    try {
      wasm.initSync({ module: readFileSync(new URL("../../src/wasm/osp_wasm_bg.wasm", import.meta.url)) });
      const modules = { release: async () => wasm, older: () => Promise.reject(new Error("a file of version 3.0")) };
      const session = await inspect(modules, { url: "http://localhost/song.smsg" }, 0);
      const release = await session.unlock(credential, { now: 0, ignoreExpiry: true, maxDecompressed: undefined }, () => {});
      const part = session.info.release!.parts[0]!;
      const sound = Math.min(Math.ceil((part.size * seconds) / part.seconds!), release.attachments[0]!.size);
      for (let at = 0; at < sound; ) at += (await release.read(0, at, sound, undefined, true)).length;
      const { taken } = this;
      release.close();
      return { taken, sound };
    } finally {
      globalThis.fetch = real;
    }
  }

  private answer(range: string): Response {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range)!.map(Number) as [number, number, number];
    const end = Math.min(last + 1, this.file.length);
    let at = first;
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const piece = this.file.subarray(at, Math.min(at + PIECE, end));
      at += piece.length;
      this.taken += piece.length;
      controller.enqueue(Uint8Array.from(piece));
      if (at === end) controller.close();
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    return new Response(body, { status: 206, headers: { "Content-Range": `bytes ${first}-${end - 1}/${this.file.length}` } });
  }
}
