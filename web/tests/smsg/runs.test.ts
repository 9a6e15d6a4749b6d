/** Which bytes are asked for, and what is given out of them; with chunks that are made up. */

import { describe, expect, it } from "vitest";
import type { Remote } from "../../src/smsg/remote";
import { Runs } from "../../src/smsg/release/runs";
import type { OpenRelease as Keys } from "../../src/wasm/osp_wasm";

/** Bytes of a chunk in the file, and of its plaintext, which are its number. */
const SEALED = 10;
const PLAIN = 8;
const CHUNKS = 200;

/** Sealed as they are: the number, and its last byte wrong in a bad one. */
class Fake implements Remote {
  readonly size = CHUNKS * SEALED;
  readonly asked: (readonly [number, number])[] = [];
  readonly bad = new Set<number>();
  /** Pieces that a request arrives in, bytes. */
  piece = 7;
  /** Answers stop before this byte until it is let go. */
  held = Number.POSITIVE_INFINITY;
  ended = 0;

  async range(): Promise<Uint8Array> {
    throw new Error("chunks come in pieces");
  }

  async *pieces(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    this.asked.push([start / SEALED, end / SEALED]);
    signal?.addEventListener("abort", () => (this.ended += 1));
    const bytes = Uint8Array.from({ length: end - start }, (_, i) => Math.floor((start + i) / SEALED));
    for (const chunk of this.bad) if (chunk * SEALED >= start && chunk * SEALED < end) bytes[chunk * SEALED - start] = 255;
    for (let at = 0; at < bytes.length; at += this.piece) {
      if (start + at >= this.held) {
        signal?.throwIfAborted();
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
      }
      yield bytes.slice(at, at + this.piece);
    }
  }

  all(): never {
    throw new Error("not all of it");
  }

  readonly keys = {
    place: (chunk: number) => Float64Array.of(chunk * SEALED, (chunk + 1) * SEALED, chunk * PLAIN, (chunk + 1) * PLAIN),
    plan: () => new Uint32Array(),
    needs: () => undefined,
    take: () => {},
    open: (first: number, sealed: Uint8Array) => {
      const good: number[] = [];
      for (let at = 0; at < sealed.length; at += SEALED) {
        const chunk = first + at / SEALED;
        if (sealed[at] !== chunk) {
          if (at === 0) throw Object.assign(new Error("another chunk"), { problem: "bad_digest" });
          break;
        }
        good.push(...Array.from({ length: PLAIN }, () => chunk));
      }
      return Uint8Array.from(good);
    },
  } as unknown as Keys;

  runs(end = CHUNKS): Runs {
    return new Runs(this.keys, this, () => ({ part: 0, end }));
  }
}

const plain = (chunk: number) => Uint8Array.from({ length: PLAIN }, () => chunk);

describe("runs of chunks", () => {
  it("begin small, grow while they are read on, and end with the stretch", async () => {
    const fake = new Fake();
    const runs = fake.runs(30);
    for (let chunk = 0; chunk < 30; chunk += 1) expect(await runs.get(chunk)).toEqual(plain(chunk));
    expect(fake.asked).toEqual([[0, 4], [4, 12], [12, 28], [28, 30]]);
  });

  it("begin anew where somebody jumps, with one request that begins there", async () => {
    const fake = new Fake();
    const runs = fake.runs();
    await runs.get(0);
    expect(await runs.get(150)).toEqual(plain(150));
    expect(fake.asked).toEqual([[0, 4], [150, 154]]);
    await runs.get(151);
    expect(fake.asked, "what came along is at hand").toHaveLength(2);
  });

  it("are given out as they arrive, not when all is there", async () => {
    const fake = new Fake();
    fake.held = 2 * SEALED;
    const runs = fake.runs();
    expect(await runs.get(0)).toEqual(plain(0));
    expect(runs.has(1)).toBe(false);
    runs.close();
  });

  it("end when nobody waits for them and somebody is elsewhere", async () => {
    const fake = new Fake();
    fake.held = 2 * SEALED;
    const runs = fake.runs();
    await runs.get(0);
    fake.held = Number.POSITIVE_INFINITY;
    await runs.get(100);
    expect(fake.ended).toBe(1);
    expect(await runs.get(3), "and are fetched again when they are wanted").toEqual(plain(3));
  });

  it("stop at a chunk that is not what was signed: what was before it is given, it is not", async () => {
    const fake = new Fake();
    fake.bad.add(2);
    const runs = fake.runs();
    const all = [0, 1, 2, 3].map((chunk) => runs.get(chunk));
    expect(await all[0]).toEqual(plain(0));
    expect(await all[1]).toEqual(plain(1));
    await expect(all[2]).rejects.toMatchObject({ problem: "bad_digest" });
    await expect(all[3]).rejects.toMatchObject({ problem: "bad_digest" });
    await expect(runs.get(2), "each time").rejects.toMatchObject({ problem: "bad_digest" });
  });

  it("say when the file ends inside of them", async () => {
    const fake = new Fake();
    fake.pieces = async function* (start: number) {
      yield Uint8Array.from({ length: SEALED }, () => start / SEALED);
    };
    const runs = fake.runs();
    expect(await runs.get(0)).toEqual(plain(0));
    await expect(runs.get(1)).rejects.toMatchObject({ problem: "truncated_container" });
  });

  it("end with the release", async () => {
    const fake = new Fake();
    fake.held = 0;
    const runs = fake.runs();
    const waiting = runs.get(0);
    runs.close();
    await expect(waiting).rejects.toThrow();
    await expect(runs.get(1)).rejects.toMatchObject({ problem: "aborted" });
  });
});
