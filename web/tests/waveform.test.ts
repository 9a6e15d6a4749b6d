// @vitest-environment node
/** Waveforms as spec/vectors/waveform.json has them: read, or passed over. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { barsOf, peaksOf } from "../src/lib/waveform";

interface Case {
  readonly name: string;
  readonly hex: string;
  readonly peaks?: readonly number[];
}

const file = new URL("../../spec/vectors/waveform.json", import.meta.url);
const { files } = JSON.parse(readFileSync(file, "utf8")) as { readonly files: { readonly good: readonly Case[]; readonly bad: readonly Case[] } };
const bytesOf = ({ hex }: Case) => Uint8Array.from(Buffer.from(hex, "hex"));

describe("a waveform", () => {
  test.each(files.good)("is read: $name", (one) => {
    expect([...(peaksOf(bytesOf(one)) ?? [])]).toEqual(one.peaks);
  });

  test.each(files.bad)("is passed over: $name", (one) => {
    expect(peaksOf(bytesOf(one))).toBeUndefined();
  });

  test("is drawn with the loudest peak of each bar", () => {
    expect(barsOf(Uint8Array.of(0, 51, 255, 0, 102), 2)).toEqual([0.2, 1]);
    expect(barsOf(Uint8Array.of(255), 300)).toEqual([1]);
  });
});
