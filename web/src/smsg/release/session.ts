/** One file of version 3.0 in the Worker: its front read, opened by whatever the listener has. */

import type { OpenRelease as Keys, Release } from "../../wasm/osp_wasm";
import { download, keptSource, type OpenSession, type UnlockWish } from "../session";
import type { ReleaseModule } from "../module";
import type { OpenRelease } from "../releases";
import { BlobRemote, UrlRemote, type Remote } from "../remote";
import { SealedError, type Beside, type Credential, type SealedInfo } from "../types";
import { Begun } from "./begun";
import { OpenedStretches } from "./opened";
import { stretch } from "./passphrase";
import { describeRelease, type WireRelease, type WireStretch } from "./wire";

/** Whether these bytes begin a file of version 3.0. */
export const isRelease = (beginning: Uint8Array): boolean => String.fromCharCode(...beginning.subarray(0, 5)) === "SMSG\x03";

/** Bytes of magic, version and length, before the header. */
const PREFIX = 9;
const MAX_DOCUMENT = 256 << 10;
const MAX_LICENCE = 32 << 10;
/** What of a table is fetched first: its head and, of most, the directory. */
const TABLE_FIRST_READ = 8 << 10;

/** What wants bytes, one range at a time. */
interface Asks {
  needs(): readonly number[] | Float64Array | undefined;
  take(bytes: Uint8Array): void;
}

/** Feeds `asks` until it wants nothing more. */
export async function feed(asks: Asks, remote: Remote, signal?: AbortSignal): Promise<void> {
  for (let wanted = asks.needs(); wanted; wanted = asks.needs()) asks.take(await remote.range(wanted[0]!, wanted[1]!, signal));
}

export class ReleaseSession implements OpenSession {
  /** The highest number of a table beside the file that was seen, now or before; an older one is refused. */
  private newest = 0;
  /** What lay beside the file and opened it. */
  private found: Beside | undefined;

  private constructor(
    private readonly module: ReleaseModule,
    private readonly source: { readonly remote: Remote; close(): void },
    /** Where licences may lie beside the file. */
    private readonly beside: URL | undefined,
    private readonly release: Release,
    private readonly wire: WireRelease,
    readonly info: SealedInfo,
  ) {}

  /** `artist`: the DID of who must have signed it, if that is known. */
  static async inspect(
    module: ReleaseModule,
    remote: Remote,
    beginning: Uint8Array,
    artist: string | undefined,
    signal?: AbortSignal,
  ): Promise<ReleaseSession> {
    const beside = remote instanceof UrlRemote ? remote.url : undefined;
    // A server that does not do ranges would send everything again and again.
    const kept = remote instanceof UrlRemote && remote.ranges === false ? keptSource(await download(remote, () => {}, signal)) : undefined;
    const begun = new Begun(kept?.remote ?? remote, beginning);
    const source = { remote: begun, close: () => kept?.close() };
    const front = new module.ReleaseFront(artist);
    try {
      await learnArtist(module, begun, signal);
      await feed(front, begun, signal);
    } catch (error) {
      source.close();
      front.free();
      throw error;
    }
    const release = front.finish();
    if (begun.size !== undefined) release.checkLength(begun.size);
    const wire = JSON.parse(release.describe()) as WireRelease;
    return new ReleaseSession(module, source, beside, release, wire, describeRelease(wire, release.length));
  }

  async unlock(credential: Credential, wish: UnlockWish, __: unknown, signal?: AbortSignal): Promise<OpenRelease> {
    this.newest = Math.max(this.newest, wish.tableSeen ?? 0);
    this.found = undefined;
    const keys = await this.keys(credential, signal);
    const init = (part: number) => this.release.init(part);
    const stretches = JSON.parse(keys.stretches()) as WireStretch[];
    return new OpenedStretches(keys, this.source.remote, this.wire, stretches, init, this.newest, this.found);
  }

  close(): void {
    this.release.free();
    this.source.close();
  }

  private async keys(credential: Credential, signal?: AbortSignal): Promise<Keys> {
    switch (credential.kind) {
      case "preview": {
        const keys = this.release.preview();
        if (!keys) throw new SealedError("license_required", "nothing in this file is open to everybody; type your licence key");
        return keys;
      }
      case "key":
        return this.byKey(credential, signal);
      default:
        throw new SealedError("not_v3", "this file is opened by a licence key; give the key you were given");
    }
  }

  private async byKey({ key, licence, table }: Credential & { kind: "key" }, signal?: AbortSignal): Promise<Keys> {
    if (licence !== undefined) {
      const bytes = typeof licence === "string" ? this.module.licenceOfLink(licence) : licence;
      if (!bytes) throw new SealedError("bad_licence", "the licence in the link is damaged; copy the whole link again");
      return this.release.openLicence(bytes, key);
    }
    // A table that was given replaces the file's own.
    if (table !== undefined) return this.byTable(key, typeof table === "string" ? new UrlRemote(new URL(table)) : new BlobRemote(table), signal);
    try {
      return await lookUp(this.release, key, this.source.remote, signal);
    } catch (error) {
      const { problem } = error as { problem?: string };
      if (problem === "not_a_key" && this.wire.slots.length > 0) return this.byPassphrase(key, signal);
      if (problem !== "no_valid_key") throw error;
      // What was sold later is only asked for when the file itself does not know the key: so others are opened without a request more.
      const found = (await this.byTableBeside(key, signal)) ?? (await this.byLicenceBeside(key, signal));
      if (!found) throw error;
      return found;
    }
  }

  private async byTable(key: string, remote: Remote, signal?: AbortSignal): Promise<Keys> {
    const beginning = await remote.range(0, TABLE_FIRST_READ, signal);
    const table = new Begun(remote, beginning);
    const reader = new this.module.TableBeside(this.release, this.newest);
    try {
      await feed(reader, table, signal);
    } catch (error) {
      reader.free();
      throw error;
    }
    this.newest = Math.max(this.newest, reader.seq ?? 0);
    const release = reader.finish();
    try {
      return await lookUp(release, key, table, signal);
    } finally {
      release.free();
    }
  }

  /** A newer table where the file lies, under the file's name. What is wrong with it is told; that there is none, is not. */
  private async byTableBeside(key: string, signal?: AbortSignal): Promise<Keys | undefined> {
    const address = this.beside && tableBeside(this.beside);
    if (!address) return undefined;
    try {
      const keys = await this.byTable(key, new UrlRemote(address), signal);
      this.found = { table: address.href };
      return keys;
    } catch (error) {
      const { problem } = error as { problem?: string };
      // Servers answer with a page of theirs where there is nothing.
      if (problem === "network" || problem === "no_valid_key" || problem === "bad_magic" || problem === "truncated_container") return undefined;
      throw error;
    }
  }

  /** A licence that was sold later, where the file lies: key and file say its name. */
  private async byLicenceBeside(key: string, signal?: AbortSignal): Promise<Keys | undefined> {
    const licence = await this.licenceBeside(key, signal);
    if (!licence) return undefined;
    const keys = this.release.openLicence(licence, key);
    this.found = { licence };
    return keys;
  }

  private async licenceBeside(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    if (!this.beside) return undefined;
    try {
      const response = await fetch(new URL(this.release.licenceName(key), this.beside), signal && { signal });
      if (!response.ok) return undefined;
      const bytes = new Uint8Array(await response.arrayBuffer());
      return bytes.length <= MAX_LICENCE ? bytes : undefined;
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }

  private async byPassphrase(passphrase: string, signal?: AbortSignal): Promise<Keys> {
    for (const [number, slot] of this.wire.slots.entries()) {
      const keys = this.release.openSlot(number, await stretch(passphrase, slot, signal));
      if (keys) return keys;
    }
    throw new SealedError("no_valid_key", "this passphrase does not open this file");
  }
}

async function lookUp(release: Release, key: string, remote: Remote, signal?: AbortSignal): Promise<Keys> {
  const lookup = release.lookUp(key);
  try {
    await feed(lookup, remote, signal);
  } catch (error) {
    lookup.free();
    throw error;
  }
  return lookup.finish();
}

/** Where newer keys of a file are: the same address, with `.smsgk` in place of the last ending. */
export function tableBeside(file: URL): URL | undefined {
  const pathname = file.pathname.replace(/\.[^./]+$/, ".smsgk");
  if (pathname === file.pathname || !pathname.endsWith(".smsgk")) return undefined;
  const table = new URL(file);
  Object.assign(table, { pathname, hash: "" });
  return table;
}

/**
 * A `did:web` is fetched from where it says, before anything that it signed is judged. A file that names its key is read without
 * that as well, and says that its artist was not checked.
 */
async function learnArtist(module: ReleaseModule, begun: Begun, signal?: AbortSignal): Promise<void> {
  const signed = await signedBy(begun, signal);
  const address = signed && module.artistDocument(signed.artist);
  if (!signed || address === undefined) return;
  const { artist } = signed;
  const document = await documentAt(address, signal);
  module.trustArtist(artist, document);
  if (!document && !signed.namesKey) {
    const message = `who signed this file could not be asked for: ${new URL(address).host} does not give out the artist's key`;
    throw new SealedError("artist_unknown", message, artist);
  }
}

async function documentAt(address: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    const response = await fetch(address, { redirect: "error", credentials: "omit", ...(signal && { signal }) });
    const document = response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    return document && document.length <= MAX_DOCUMENT ? document : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** Who the header says signed it; whether that is so, is judged later. */
async function signedBy(begun: Begun, signal?: AbortSignal): Promise<{ readonly artist: string; readonly namesKey: boolean } | undefined> {
  const prefix = await begun.range(0, PREFIX, signal);
  if (prefix.length < PREFIX) return undefined;
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(5);
  if (length > 65_536) return undefined;
  try {
    const header = JSON.parse(new TextDecoder().decode(await begun.range(PREFIX, PREFIX + length, signal))) as { artist?: unknown; key?: unknown };
    return typeof header.artist === "string" ? { artist: header.artist, namesKey: header.key !== undefined } : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

