/**
 * The shelf of sealed releases: the files as they are sealed, under their CIDs. A key is stored apart from them, in a document
 * of its own, and only when the listener asked for it; nothing else in here opens anything.
 */

import type { Credential } from "../../smsg";
import { change, read } from "../library/shelf";
import { draft, open, remove, rename, type Folder } from "./files";
import type { KeptTerms, Shelved } from "./index-of";
import { alone, checkRoom, pourAny } from "./keep";
import { changeShelf, shelf } from "./kept";

/** What opens a sealed file besides its key: a licence (`.smsgl`) or a table of keys (`.smsgk`), as its name says. */
export interface Paper {
  readonly name: string;
  readonly body: Blob;
}

/** What is to be put there. */
export interface Release {
  readonly title: string;
  readonly artist: string;
  readonly from: string;
  readonly recordOf?: string;
  readonly terms?: KeptTerms;
  /** A picture from inside. */
  readonly cover?: Blob;
  readonly paper?: Paper;
}

/** Largest picture that is kept, bytes. */
const MOST_COVER = 1 << 20;

type Keys = Readonly<Record<string, Credential>>;

const keysOf = (value: unknown): Keys => (typeof value === "object" && value !== null ? (value as Keys) : {});

/**
 * Puts a sealed file on the shelf; gives its id. `size`: its bytes, where that is known. `check`: looks at what arrived, and
 * throws when it is not what was meant. Whatever goes wrong, nothing of it stays.
 */
export function putOn(
  release: Release,
  body: () => Promise<ReadableStream<Uint8Array>>,
  size: number | undefined,
  tell: (done: number) => void,
  check: (file: File) => Promise<void>,
): Promise<string> {
  return alone(async () => {
    await checkRoom((size ?? 0) + (release.paper?.body.size ?? 0));
    // Its name is known when its last byte is: until then it lies under one that no release has.
    const name = `new-${Date.now()}`;
    const file = await draft("sealed", name);
    let id: string;
    let length: number;
    try {
      const poured = await pourAny(await body(), file, "", tell);
      [id, length] = [poured.found, poured.size];
      await file.finish();
      const whole = await open("sealed", name);
      if (!whole) throw new Error("nothing was written");
      await check(whole);
      await rename("sealed", name, id);
    } catch (error) {
      await file.discard();
      throw error;
    }
    try {
      await enter(release, id, length);
    } catch (error) {
      await forgetFiles(id);
      throw error;
    }
    return id;
  });
}

async function enter({ cover, paper, ...said }: Release, id: string, size: number): Promise<void> {
  const before = shelf().find((one) => one.id === id);
  if (paper) await writeWhole("papers", id, paper.body);
  const kept = paper ? { name: paper.name, size: paper.body.size } : before?.paper;
  const picture = cover && cover.size <= MOST_COVER ? await keepCover(cover, id) : (before?.cover ?? 0);
  const entry: Shelved = { ...said, id, size, cover: picture, ...(kept && { paper: kept }), hasKey: before?.hasKey ?? false, since: Date.now() };
  await changeShelf((all) => [...all.filter((one) => one.id !== id), entry]);
}

/** Bytes that were kept; a picture for which there is no room is left out. */
async function keepCover(cover: Blob, id: string): Promise<number> {
  try {
    await checkRoom(cover.size);
    await writeWhole("covers", id, cover);
    return cover.size;
  } catch {
    return 0;
  }
}

async function writeWhole(where: Folder, id: string, body: Blob): Promise<void> {
  const file = await draft(where, id);
  try {
    await file.write(new Uint8Array(await body.arrayBuffer()));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** What opens a release from the shelf besides its key. */
export async function paperOf(id: string): Promise<Paper | undefined> {
  const { name } = shelf().find((one) => one.id === id)?.paper ?? {};
  const body = name === undefined ? undefined : await open("papers", id);
  return body && name !== undefined ? { name, body } : undefined;
}

/** A sealed file from the shelf. */
export const fileOf = (id: string): Promise<File | undefined> => open("sealed", id);

/** The key that was stored for a release, if one was. */
export async function keyOf(id: string): Promise<Credential | undefined> {
  const keys = keysOf(await read("keys"));
  return Object.hasOwn(keys, id) ? keys[id] : undefined;
}

/** Stores the key of a release that is on the shelf: the listener asked for it. */
export async function storeKey(id: string, credential: Credential): Promise<void> {
  await change("keys", (keys) => ({ ...keysOf(keys), [id]: credential }));
  await changeShelf((all) => all.map((one) => (one.id === id ? { ...one, hasKey: true } : one)));
}

export async function forgetKey(id: string): Promise<void> {
  await change("keys", (keys) => Object.fromEntries(Object.entries(keysOf(keys)).filter(([name]) => name !== id)));
  await changeShelf((all) => all.map((one) => (one.id === id ? { ...one, hasKey: false } : one)));
}

/** Takes a release off the shelf, with its key. */
export async function takeOff(id: string): Promise<void> {
  await forgetKey(id);
  await alone(async () => {
    await changeShelf((all) => all.filter((one) => one.id !== id));
    await forgetFiles(id);
  });
}

async function forgetFiles(id: string): Promise<void> {
  await Promise.all([remove("sealed", id), remove("covers", id), remove("papers", id)]);
}
