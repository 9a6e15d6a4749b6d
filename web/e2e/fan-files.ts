/** Sealed files for the tests, made with the command line, and a server that counts, delays and tells what it is asked. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "@playwright/test";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const OSP = process.env.OSP_BIN ?? here("../../target/debug/osp");
export const vector = (name: string): string => here(`../../spec/vectors/smsg/${name}`);

export const KEY = "correct horse battery staple";
export const LICENCE = { id: "lic-7G4x-0o1l-sSzZ", fingerprint: "device-fp-1" };
/** 208 seconds of Opus. */
export const SONG = here("../../demo/music/01 Awakening.opus");

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** A rising tone of CD quality: 176 kB per second, so that a minute of it is not fetched in a blink. It never repeats. */
export function wave(seconds: number): Buffer {
  const rate = 44_100;
  const data = Buffer.alloc(seconds * rate * 4);
  for (let i = 0; i < seconds * rate; i += 1) {
    const sample = Math.round(3000 * Math.sin(2 * Math.PI * (i / rate) * (220 + i / rate)));
    data.writeInt16LE(sample, i * 4);
    data.writeInt16LE(sample, i * 4 + 2);
  }
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 4, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** MP3 of a constant bit rate, by its frames' heads; what is in them is noise that nobody decodes. */
export function mp3(seconds: number, kilobits: 128 | 160): Buffer {
  const rate = { 128: 0x90, 160: 0xa0 }[kilobits];
  const length = (144 * kilobits * 1000) / 44_100;
  const sound = Buffer.alloc(Math.ceil((seconds * 44_100) / 1152) * Math.ceil(length), 0x55);
  let [at, frame] = [0, 0];
  for (; frame * 1152 < seconds * 44_100; frame += 1) {
    const next = Math.floor((frame + 1) * length);
    const padded = next - at > Math.floor(length) ? 2 : 0;
    sound.set([0xff, 0xfb, rate | padded, 0x64], at);
    at = next;
  }
  return sound.subarray(0, at);
}

/** A file of version 3.0. */
export interface SealedRelease {
  readonly path: string;
  /** DID. */
  readonly artist: string;
  /** One key for each name: `all`, or the name of a cut or tier. */
  readonly keys: ReadonlyMap<string, string>;
}

/** A folder for one test file. */
export class Sealer {
  private artist: string | undefined;
  readonly folder = mkdtempSync(join(tmpdir(), "osp-fan-"));

  write(name: string, content: string | Buffer): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** `osp seal` of an older format (v2 if none is named) with a key or, for v3, a licence; the path of the sealed file. */
  seal(name: string, files: readonly string[], ...options: string[]): string {
    const out = join(this.folder, name);
    const v3 = options.includes("v3");
    const secret = v3 ? ["--license-id", LICENCE.id, "--fingerprint", LICENCE.fingerprint] : ["--key", KEY];
    const format = options.includes("--format") ? [] : ["--format", "v2"];
    this.osp("seal", ...files, "--out", out, "--force", ...format, ...secret, ...options);
    return out;
  }

  /** A file of version 3.0: where it is, who signed it, and its keys by what they open. `options`: at least one `--mint`. */
  release(name: string, files: readonly string[], ...options: string[]): SealedRelease {
    this.artist ??= this.identity();
    const [path, keys] = [join(this.folder, name), join(this.folder, `${name}.csv`)];
    this.osp("seal", ...files, "--format", "release", "--out", path, "--force", "--keys", keys, ...options);
    const rows = readFileSync(keys, "utf8").trim().split("\n").slice(1);
    const byName = new Map(rows.map((row) => row.split(",")).map(([, key, opens]) => [opens!.trim(), key!]));
    return { path, artist: this.artist, keys: byName };
  }

  osp(...args: string[]): string {
    const env = { ...process.env, OSP_HOME: join(this.folder, "home") };
    return execFileSync(OSP, args, { env, stdio: "pipe" }).toString();
  }

  private identity(): string {
    this.osp("id", "new", "--name", "Max", "--no-passphrase");
    return /did:key:\w+/.exec(this.osp("id", "list"))![0];
  }

  manifest(content: object): string[] {
    return ["--manifest", this.write("manifest.json", JSON.stringify(content))];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Chooses a file as a listener does. */
export async function choose(page: Page, path: string): Promise<void> {
  await page.locator("input[type=file]").setInputFiles(path);
}

/** Types the key, or licence and fingerprint, and opens. */
export async function unlock(page: Page, key: string = KEY, fingerprint?: string): Promise<void> {
  await page.getByLabel(/^Licence (key|id)( or passphrase)?$/).fill(key);
  if (fingerprint !== undefined) await page.getByLabel("Fingerprint").fill(fingerprint);
  await page.getByRole("button", { name: "Unlock" }).click();
}

/** Waits until the page can serve media: after that everything works without a network. */
export async function controlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

export const player = (page: Page): Locator => page.locator(".fan-player video");

export const play = (page: Page): Promise<void> => player(page).evaluate((media: HTMLMediaElement) => media.play());

export const time = (page: Page): Promise<number> => player(page).evaluate((media: HTMLMediaElement) => media.currentTime);

/** One request that was answered. */
export interface Asked {
  readonly path: string;
  /** First and last byte, if a range was asked for. */
  readonly range: readonly [number, number] | undefined;
  /** Bytes that were written to the client so far. */
  sent: number;
}

/** A server on another origin, as a shop would have one. */
export class Shop {
  readonly asked: Asked[] = [];
  /** Bytes per second; no limit when 0. */
  rate = 0;
  /** The rate from when this share of a file has been sent; whatever the clock says. */
  turn: { readonly path: string; readonly share: number; readonly rate: number } | undefined;
  /** Answers ranges. */
  ranges = true;
  /** Lets other pages read. */
  cors = true;

  private constructor(
    private readonly files: ReadonlyMap<string, Buffer>,
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async open(files: Record<string, string | Buffer>): Promise<Shop> {
    const contents = new Map(
      Object.entries(files).map(([name, file]) => [`/${name}`, typeof file === "string" ? readFileSync(file) : file]),
    );
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const shop = new Shop(contents, server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      void shop.answer(request.url ?? "/", request.method ?? "GET", request.headers.range, response);
    });
    return shop;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(path: string, method: string, range: string | undefined, response: import("node:http").ServerResponse) {
    const file = this.files.get(path);
    const headers: Record<string, string> = { "Accept-Ranges": this.ranges ? "bytes" : "none" };
    if (this.cors) {
      headers["Access-Control-Allow-Origin"] = "*";
      headers["Access-Control-Allow-Headers"] = "Range";
      headers["Access-Control-Expose-Headers"] = "Content-Range, Content-Length, ETag";
    }
    if (method === "OPTIONS") return void response.writeHead(204, headers).end();
    const found = this.ranges ? /^bytes=(\d+)-(\d*)$/.exec(range ?? "") : null;
    const entry: Asked = {
      path,
      range: found && file ? [Number(found[1]), found[2] ? Math.min(Number(found[2]), file.length - 1) : file.length - 1] : undefined,
      sent: 0,
    };
    this.asked.push(entry);
    if (!file) return void response.writeHead(404, headers).end();
    const [first, last] = entry.range ?? [0, file.length - 1];
    headers["Content-Length"] = String(last + 1 - first);
    if (entry.range) headers["Content-Range"] = `bytes ${first}-${last}/${file.length}`;
    response.writeHead(entry.range ? 206 : 200, headers);
    const piece = this.rate > 0 ? Math.max(1, Math.floor(this.rate / 50)) : 1 << 20;
    for (let at = first; at <= last && !response.destroyed; at += piece) {
      const bytes = file.subarray(at, Math.min(at + piece, last + 1));
      response.write(bytes);
      entry.sent += bytes.length;
      if (this.turn?.path === path && at + bytes.length >= file.length * this.turn.share) {
        this.rate = this.turn.rate;
        this.turn = undefined;
      }
      if (this.rate > 0) await sleep(20);
    }
    response.end();
  }
}
