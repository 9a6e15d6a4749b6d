/** A real node with the demo album, for as long as the tests run. */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const OSP = process.env.OSP_BIN ?? here("../../target/debug/osp");
const MUSIC = process.env.OSP_DEMO_MUSIC ?? here("../../demo/music");

/** Not the words of this song: it has none. */
const LYRICS = "[ti:Awakening]\n[00:00.50]First light\n[00:20.00]<b>Second</b> light\n[01:40.00]Full day\n";

/** What the tests need to know of a signed record. */
export interface SignedTrack {
  readonly id: string;
  readonly title: string;
  readonly artist: string;
  readonly artistName: string;
  readonly album: string;
  readonly cid: string;
  readonly torrent?: string;
}

export class DemoNode {
  private constructor(
    readonly url: string,
    /** Where peers of the network reach it. */
    readonly p2p: readonly string[],
    readonly tracks: readonly SignedTrack[],
    private process: ChildProcess,
    readonly home: string,
  ) {}

  /** `settings`: a configuration file. */
  static async start(settings = "", args: readonly string[] = []): Promise<DemoNode> {
    const home = mkdtempSync(join(tmpdir(), "osp-e2e-"));
    const env = { ...process.env, OSP_HOME: home };
    execFileSync(OSP, ["id", "new", "--name", "Demo", "--no-passphrase"], { env, stdio: "pipe" });
    const published = execFileSync(OSP, ["publish", withLyrics(home), "--json"], { env, stdio: "pipe" }).toString();
    const tracks = published.trim().split("\n").map((line) => JSON.parse(line) as SignedTrack);
    return DemoNode.serve(home, settings, args, tracks);
  }

  /** A node that has nothing. */
  static empty(args: readonly string[]): Promise<DemoNode> {
    return DemoNode.serve(mkdtempSync(join(tmpdir(), "osp-e2e-")), "", args, []);
  }

  private static async serve(home: string, settings: string, args: readonly string[], tracks: SignedTrack[]) {
    writeFileSync(join(home, "e2e.toml"), settings);
    const { child, ready } = await run(home, "127.0.0.1:0", args);
    return new DemoNode(ready.http, ready.p2p ?? [], tracks, child, home);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await gone;
  }

  /** Runs it again, after [`kill`], with the same home at the same address. */
  async revive(): Promise<void> {
    this.process = (await run(this.home, new URL(this.url).host, [])).child;
  }

  /** A command of the artist or the operator, beside the running node. */
  osp(...args: string[]): string {
    return execFileSync(OSP, args, { env: { ...process.env, OSP_HOME: this.home }, stdio: "pipe" }).toString();
  }

  /** Publishes more of the artist's music. */
  publish(...args: string[]): SignedTrack[] {
    return this.osp("publish", "--json", ...args).trim().split("\n").map((line) => JSON.parse(line) as SignedTrack);
  }

  /** A file of the demo album. */
  file(name: string): string {
    return join(this.home, "Reflection", name);
  }

  track(title: string): SignedTrack {
    const found = this.tracks.find((track) => track.title === title);
    if (!found) throw new Error(`the demo album has no ${title}`);
    return found;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    if (this.process.signalCode === null) {
      const gone = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGTERM");
      await gone;
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}

async function run(home: string, address: string, args: readonly string[]) {
  const env = { ...process.env, OSP_HOME: home };
  const command = ["node", "--http", address, "--config", join(home, "e2e.toml"), ...args];
  const child = spawn(OSP, command, { env, stdio: ["ignore", "pipe", "inherit"] });
  return { child, ready: JSON.parse(await firstLine(child)) as { http: string; p2p: string[] | null } };
}

/** The demo album with words beside its first track, as an artist would have them. */
function withLyrics(home: string): string {
  const folder = join(home, "Reflection");
  mkdirSync(folder);
  for (const name of readdirSync(MUSIC)) symlinkSync(join(isAbsolute(MUSIC) ? MUSIC : join(process.cwd(), MUSIC), name), join(folder, name));
  writeFileSync(join(folder, "01 Awakening.lrc"), LYRICS);
  return folder;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("the node has no standard output");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the node ended before it was ready; its messages are above");
}
