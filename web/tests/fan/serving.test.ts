// @vitest-environment node
import { expect, it, vi } from "vitest";
import { attachmentHeader, safeFileName } from "../../src/lib/media/file-name";
import { kindOf, OPAQUE, shownType } from "../../src/lib/media/kind";
import { PIECE } from "../../src/lib/media/protocol";
import { parseRange } from "../../src/lib/media/range";
import { answer, type MediaFile } from "../../src/sw/media";
import { isHashed } from "../../src/sw/shell";

it.each([
  [null, undefined],
  ["bytes=0-", { start: 0, end: 100 }],
  ["bytes=0-0", { start: 0, end: 1 }],
  ["bytes=90-200", { start: 90, end: 100 }],
  ["bytes=-10", { start: 90, end: 100 }],
  ["bytes=-1000", { start: 0, end: 100 }],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-4", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,5-6", undefined],
  ["items=0-1", undefined],
])("a range of %s of 100 bytes is %o", (header, expected) => {
  expect(parseRange(header, 100)).toEqual(expected);
});

it("shows only what no browser runs", () => {
  expect(shownType("audio/flac", "x")).toBe("audio/flac");
  expect(shownType("Video/MP4; codecs=\"avc1.640028, mp4a.40.2\"", "x")).toBe("video/mp4; codecs=\"avc1.640028, mp4a.40.2\"");
  expect(shownType("", "song.OPUS")).toBe("audio/ogg");
  expect(shownType("application/octet-stream", "film.mp4")).toBe("video/mp4");
  expect(shownType("image/png", "x")).toBe("image/png");
  for (const [mime, name] of [
    ["image/svg+xml", "x.png"], ["text/html", "x.mp3"], ["application/xhtml+xml", "x"], ["application/pdf", "x.pdf"], ["", "x.svg"],
    ["", "x.html"], ["", "noextension"], ["audio/x\r\nSet-Cookie: a", "x"], ["video/mp4; charset=x", "x"], ["text/xml", "x.mp4"],
  ] as const) {
    expect(shownType(mime, name), `${mime} ${name}`).toBe(OPAQUE);
    expect(kindOf(shownType(mime, name))).toBe("file");
  }
});

it("makes names that stay in their folder and in their header", () => {
  expect(safeFileName("../../etc/passwd")).toBe("passwd");
  expect(safeFileName("C:\\Windows\\x.exe")).toBe("x.exe");
  expect(safeFileName("..")).toBe("attachment");
  expect(safeFileName(".bashrc")).toBe("bashrc");
  expect(safeFileName("exe\u202egpj.exe")).toBe("exe gpj.exe");
  expect(safeFileName("a\r\nX: y")).toBe("a X_ y");
  expect(safeFileName(`${"x".repeat(500)}.flac`)).toMatch(/^x{100,115}\.flac$/);
  const header = attachmentHeader('naïve "quote" – 日本語 \ud800.mp3');
  expect(header).toMatch(/^attachment; filename="[\x20-\x21\x23-\x7e]*"; filename\*=UTF-8''[A-Za-z0-9%._!~-]+$/);
  expect(decodeURIComponent(header.split("''")[1]!)).toBe("naïve _quote_ – 日本語 _.mp3");
});

function file(type: string, size = 3 * PIECE + 5) {
  const read = vi.fn(async (start: number, end: number) => Uint8Array.from({ length: end - start }, (_, i) => (start + i) % 251));
  const close = vi.fn();
  return { size, type, name: "a.b", read, close } satisfies MediaFile;
}

it("answers a range with just those bytes, a piece at a time", async () => {
  const of = file("audio/flac");
  const response = answer(of, `bytes=10-${2 * PIECE}`, false);
  expect(response.status).toBe(206);
  expect(response.headers.get("Content-Range")).toBe(`bytes 10-${2 * PIECE}/${of.size}`);
  expect(response.headers.get("Content-Length")).toBe(String(2 * PIECE - 9));
  expect(response.headers.get("Content-Type")).toBe("audio/flac");
  expect(of.read).not.toHaveBeenCalled();
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(bytes.length).toBe(2 * PIECE - 9);
  expect(bytes[0]).toBe(10);
  for (const [start, end] of of.read.mock.calls) expect(end - start).toBeLessThanOrEqual(PIECE);
  expect(of.close).toHaveBeenCalledOnce();
});

it("lets go of a file that nobody reads on", async () => {
  const of = file("video/mp4");
  const reader = answer(of, null, false).body!.getReader();
  await reader.read();
  await reader.cancel();
  expect(of.close).toHaveBeenCalledOnce();
  expect(of.read.mock.calls.length).toBeLessThanOrEqual(2);
});

it("refuses a range behind the end, and an empty file has an answer", async () => {
  expect(answer(file("audio/flac"), "bytes=99999999-", false).status).toBe(416);
  const empty = answer(file("audio/flac", 0), null, false);
  expect([empty.status, (await empty.arrayBuffer()).byteLength]).toEqual([200, 0]);
});

it.each([
  ["text/html", false],
  [OPAQUE, false],
  ["audio/flac", true],
])("%s (saved: %s) is a download without a type, in a sandbox", (type, saves) => {
  const { headers } = answer(file(type), null, saves);
  expect(headers.get("Content-Type")).toBe(OPAQUE);
  expect(headers.get("Content-Disposition")).toMatch(/^attachment/);
  expect(headers.get("Content-Security-Policy")).toContain("sandbox");
  expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
});

it("keeps files whose name names their content, and nothing else", () => {
  expect(isHashed("/assets/fan-DfJ3KZOp.js", "/")).toBe(true);
  expect(isHashed("/fan/worker-B6Se2c1a.js", "/")).toBe(true);
  for (const path of ["/fan/sw.js", "/fan", "/fan/media/x-12345678.js/0", "/api/v1/node", "/assets/x.js"]) expect(isHashed(path, "/")).toBe(false);
});
