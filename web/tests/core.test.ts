// @vitest-environment node
/** The built WebAssembly module against the vectors of the specification. */

import { readFileSync, readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { ContentHasher, cidVersion, initSync, verifyRecord } from "../src/wasm/osp_wasm.js";

const vectors = new URL("../../spec/vectors/", import.meta.url);
const bytesOf = (text: string) => new TextEncoder().encode(text);

interface Case {
  readonly name: string;
  readonly record?: unknown;
  readonly text?: string;
  readonly error?: string;
}
interface File {
  readonly good: Case[];
  readonly bad: Case[];
}

beforeAll(() => {
  initSync({ module: readFileSync(new URL("../src/wasm/osp_wasm_bg.wasm", import.meta.url)) });
});

describe("records", () => {
  for (const name of readdirSync(new URL("records/", vectors))) {
    const file = JSON.parse(readFileSync(new URL(`records/${name}`, vectors), "utf8")) as File;
    it(`are judged as ${name} says`, () => {
      const judge = (c: Case) => verifyRecord(bytesOf(c.text ?? JSON.stringify(c.record)));
      expect(file.good.length + file.bad.length).toBeGreaterThan(0);
      for (const good of file.good) expect([good.name, judge(good).valid]).toEqual([good.name, true]);
      for (const bad of file.bad) expect([bad.name, judge(bad).error]).toEqual([bad.name, bad.error]);
    });
  }

  it("never make the module throw", () => {
    for (const text of ["", "null", "[".repeat(100_000), '{"type":"osp:Track"}', "\ud800", "{".repeat(70_000)]) {
      expect(verifyRecord(bytesOf(text))).toMatchObject({ valid: false, error: "malformed" });
    }
    expect(verifyRecord(new Uint8Array(2_000_000))).toMatchObject({ valid: false, error: "malformed" });
  });
});

describe("content", () => {
  const cidOf = (bytes: Uint8Array, expected: string) => {
    const hasher = new ContentHasher(expected);
    for (let at = 0; at < bytes.length; at += 1000) hasher.update(bytes.subarray(at, at + 1000));
    return hasher.finish();
  };
  const hello = bytesOf("hello\n");
  // What `ipfs add` and `ipfs add --cid-version=1` print.
  const [v0, v1] = ["QmZULkCELmmk5XNfCgTnCyFgAVxBRBXyDHGGMVoLFLiXEN", "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am"];

  it("has the CID that IPFS gives it, in the form that was asked for", () => {
    expect(cidOf(hello, v0)).toBe(v0);
    expect(cidOf(hello, v1)).toBe(v1);
  });

  it("of other bytes has another CID", () => {
    expect(cidOf(bytesOf("hello"), v1)).not.toBe(v1);
    expect(cidOf(hello, "not a cid")).toBe(v1);
  });

  it("says nothing a second time", () => {
    const hasher = new ContentHasher(v1);
    hasher.finish();
    hasher.update(hello);
    expect(hasher.finish()).toBe("");
  });
});

it("tells versions of CIDs apart", () => {
  expect(cidVersion("QmZULkCELmmk5XNfCgTnCyFgAVxBRBXyDHGGMVoLFLiXEN")).toBe(0);
  expect(cidVersion("bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am")).toBe(1);
  expect(cidVersion("hello")).toBeUndefined();
});
