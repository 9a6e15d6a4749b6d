/**
 * Puts tracks on this device and takes them away. Loaded when the listener first asks for it.
 *
 *     node ── bytes ──> hash ──> private file (not yet there)
 *                        '── is it the CID of the track? ── yes: the file appears, then its entry in the index
 *                                                        '─ no, stopped, no room: nothing of it stays
 *
 * One track at a time, whatever tabs ask: a lock of the browser keeps the others waiting.
 */

import { batch, createSignal } from "solid-js";
import { core } from "../core";
import { audioOf, pageOf, recordOf, type Track } from "../tracks";
import { isRefused } from "../trust";
import { verifyTrack } from "../verify";
import { dropBeside, keepBeside } from "./beside";
import { draft, list, NoStorage, remove as removeFile, type Draft } from "./files";
import type { Kept } from "./index-of";
import { allowed, changeKept, changeShelf, isKept, kept, lookAgain, shelf, used } from "./kept";
import { freeBytes, Full, isQuotaError, shortage, type Shortage, type Taken } from "./room";

/** Milliseconds without a byte after which a connection counts as gone. */
const SILENCE_MS = 30_000;

/** What is being kept. */
export interface Job {
  readonly track: Track;
  /** Which of how many, from 1. */
  readonly at: number;
  readonly of: number;
  /** 0 to 1; NaN while unknown. */
  readonly progress: number;
}

/** Why something was not kept. */
export type Refusal =
  | { readonly why: "full"; readonly shortage: Shortage | undefined }
  | { readonly why: "other-bytes" | "unverified" | "unreachable" | "no-storage" };

/** What came of it: how many were kept, and what stopped the rest. */
export interface Outcome {
  readonly count: number;
  readonly stopped: boolean;
  readonly refused?: Refusal & { readonly track: Track };
}

const [job, setJob] = createSignal<Job>();
export { job };

let working: AbortController | undefined;

/** Stops what is being kept, with the rest of its list. */
export const stopKeeping = (): void => working?.abort();

/** Whether a track is waited for (reactive). */
export const [waiting, setWaiting] = createSignal<ReadonlySet<string>>(new Set());

/** Runs alone among all tabs, and knows what the one before has done. */
export function alone<T>(work: () => Promise<T>): Promise<T> {
  const informed = async () => {
    await lookAgain();
    return work();
  };
  return "locks" in navigator ? navigator.locks.request("opensound.keep", informed) : informed();
}

/** Keeps tracks, in order. Never rejects. */
export async function keep(tracks: readonly Track[]): Promise<Outcome> {
  const wanted = tracks.filter(({ key }) => !isKept(key) && !waiting().has(key));
  if (wanted.length === 0) return { count: 0, stopped: false };
  setWaiting((before) => new Set([...before, ...wanted.map(({ key }) => key)]));
  try {
    return await alone(() => keepAll(wanted));
  } finally {
    batch(() => {
      setWaiting((before) => new Set([...before].filter((key) => !wanted.some((track) => track.key === key))));
      setJob(undefined);
    });
  }
}

async function keepAll(wanted: readonly Track[]): Promise<Outcome> {
  const mine = new AbortController();
  working = mine;
  void navigator.storage?.persist?.().catch(() => false);
  let count = 0;
  for (const [index, track] of wanted.entries()) {
    if (isKept(track.key)) continue;
    const tell = (progress: number) => setJob({ track, at: index + 1, of: wanted.length, progress });
    tell(Number.NaN);
    try {
      // oxlint-disable-next-line no-await-in-loop -- one at a time
      await keepOne(track, tell, mine.signal);
      count += 1;
    } catch (error) {
      if (mine.signal.aborted) return { count, stopped: true };
      return { count, stopped: false, refused: { ...refusalOf(error), track } };
    }
  }
  return { count, stopped: false };
}

/** The bytes are not those that the artist signed. */
class Refused extends Error {
  constructor(readonly why: "other-bytes" | "unverified" | "unreachable") {
    super(why);
  }
}

/** What comes of `work`, unless nothing is heard of it for too long. */
export function unlessSilent<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Refused("unreachable")), SILENCE_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** What an error means. */
export function refusalOf(error: unknown): Refusal {
  if (isQuotaError(error)) return { why: "full", shortage: error instanceof Full ? error.missing : undefined };
  if (error instanceof NoStorage) return { why: "no-storage" };
  return { why: error instanceof Refused ? error.why : "unreachable" };
}

/** Bytes that the browser still gives this site. */
export async function free(): Promise<number> {
  try {
    return freeBytes(await navigator.storage.estimate());
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Throws when `need` bytes do not fit any more. */
export async function checkRoom(need: number): Promise<void> {
  const short = shortage(need, used(), allowed(), await free());
  if (short) throw new Full(short);
}

async function keepOne(track: Track, tell: (progress: number) => void, signal: AbortSignal): Promise<void> {
  if (isRefused(track.key) || (await verifyTrack(track)).state === "refused") throw new Refused("unverified");
  const response = await unlessSilent(fetch(audioOf(track), { signal })).catch(() => undefined);
  signal.throwIfAborted();
  if (!response?.ok || !response.body) throw new Refused("unreachable");
  const length = Number(response.headers.get("Content-Length") ?? Number.NaN);
  try {
    await checkRoom(length > 0 ? length : 0);
  } catch (error) {
    await response.body.cancel();
    throw error;
  }
  const beside: Taken[] = [];
  const file = await draft("kept", track.cid);
  try {
    const size = await pour(response.body, file, track.cid, (done) => tell(done / length));
    for (const [path, headers] of besideOf(track)) {
      // oxlint-disable-next-line no-await-in-loop -- the node has others to serve
      const taken = await keepBeside(path, signal, headers);
      if (taken) beside.push(taken);
    }
    signal.throwIfAborted();
    await file.finish();
    const type = response.headers.get("Content-Type") ?? "";
    const entry: Kept = { track: { ...track }, size, type, beside, since: Date.now() };
    await changeKept((before) => [...before.filter((other) => other.track.key !== track.key), entry]);
  } catch (error) {
    // What another track needs of it stays.
    if (!kept().some((other) => other.track.cid === track.cid)) await file.discard();
    await dropBeside(unneeded(beside, kept()));
    throw error;
  }
}

/** Writes a body into a file while it is hashed; the bytes are of that CID then. Gives how many there were. */
export async function pour(
  body: ReadableStream<Uint8Array>,
  file: Draft,
  cid: string | undefined,
  tell: (done: number) => void,
): Promise<number> {
  const { size, found } = await pourAny(body, file, cid ?? "", tell);
  if (cid !== undefined && found !== cid) throw new Refused("other-bytes");
  return size;
}

/** As `pour`, for bytes of which nobody said what they are: gives their CID. */
export async function pourAny(
  body: ReadableStream<Uint8Array>,
  file: Draft,
  expected: string,
  tell: (done: number) => void,
): Promise<{ readonly size: number; readonly found: string }> {
  const hash = (await core()).hasher(expected);
  const reader = body.getReader();
  let size = 0;
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop
      const { done, value } = await unlessSilent(reader.read());
      if (done) return { size, found: hash.finish() };
      hash.update(value);
      size += value.length;
      const short = shortage(size, used(), allowed(), Number.POSITIVE_INFINITY);
      if (short) throw new Full(short);
      // oxlint-disable-next-line no-await-in-loop
      await file.write(value as Uint8Array<ArrayBuffer>);
      tell(size);
    }
  } catch (error) {
    // A connection that says nothing need not answer to this, either.
    void reader.cancel().catch(() => undefined);
    throw error;
  } finally {
    hash.free();
  }
}

/** What a track's page and player show beside its sound. */
function besideOf(track: Track): [string, HeadersInit | undefined][] {
  const pictures = [track.cover, track.waveform, track.lyrics].filter((path) => path !== "");
  return [
    ...pictures.map((path): [string, undefined] => [path, undefined]),
    [recordOf(track.key), { Accept: "application/json" }],
    [pageOf(track), { Accept: "text/html" }],
  ];
}

/** Of some paths, those that no entry needs. */
export const unneeded = (paths: readonly Taken[], entries: readonly Kept[]): string[] =>
  paths.map(({ name }) => name).filter((name) => !entries.some(({ beside }) => beside.some((one) => one.name === name)));

/** Takes tracks off this device. */
export function letGo(keys: readonly string[]): Promise<void> {
  return alone(async () => {
    const gone = kept().filter(({ track }) => keys.includes(track.key));
    await changeKept((before) => before.filter(({ track }) => !keys.includes(track.key)));
    const rest = kept();
    const cids = gone.map(({ track }) => track.cid).filter((cid) => !rest.some(({ track }) => track.cid === cid));
    await Promise.all(cids.map((cid) => removeFile("kept", cid)));
    await dropBeside(unneeded(gone.flatMap(({ beside }) => beside), rest));
  });
}

/**
 * Sees to it that the index says what is there: files that a crash left behind go, and so do entries whose bytes the browser
 * has cleared away.
 */
export function sweep(): Promise<void> {
  return alone(async () => {
    const [tracks, sealed, covers, papers] = await Promise.all([list("kept"), list("sealed"), list("covers"), list("papers")]);
    await changeKept((before) => before.filter(({ track, size }) => tracks.get(track.cid) === size));
    await changeShelf((before) => before.filter(({ id, size }) => sealed.get(id) === size));
    const orphans = [
      ...[...tracks.keys()].filter((cid) => !kept().some(({ track }) => track.cid === cid)).map((cid) => removeFile("kept", cid)),
      ...[...sealed.keys()].filter((id) => !shelf().some((one) => one.id === id)).map((id) => removeFile("sealed", id)),
      ...[...covers.keys()].filter((id) => !shelf().some((one) => one.id === id)).map((id) => removeFile("covers", id)),
      ...[...papers.keys()].filter((id) => !shelf().some((one) => one.id === id)).map((id) => removeFile("papers", id)),
    ];
    await Promise.all(orphans);
  }).catch(() => undefined);
}
