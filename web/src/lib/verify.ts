/** Whether a track on the page is what its artist signed. */

import { core } from "./core";
import { fetchOrKept } from "./offline/beside";
import { tidy } from "./dom";
import { recordOf, type Track } from "./tracks";

/** The outcome for one track. */
export type Outcome =
  | { readonly state: "verified"; readonly record: SignedRecord }
  /** Somebody lies: the record is bad, or the page shows something else. */
  | { readonly state: "refused"; readonly reason: string }
  /** Could not be judged here, which says nothing about the track. */
  | { readonly state: "unchecked"; readonly reason: string };

/** A record the core has accepted; members by their names in the specification. */
export interface SignedRecord {
  readonly id: string;
  readonly title: string;
  readonly artist: string;
  readonly cid: string;
  readonly artistName?: string;
  readonly proof?: unknown;
}

/** Largest record there is, in bytes (the core refuses more). */
const MAX_RECORD_BYTES = 64 * 1024;
/** Requests at the same time, so that a long list does not hold up the audio. */
const MAX_PARALLEL = 4;

const outcomes = new Map<string, Promise<Outcome>>();
let running = 0;
const waiting: (() => void)[] = [];

/** Fetches the bare record, has the core judge it, and compares it with what the page shows. */
export async function verifyTrack(track: Track): Promise<Outcome> {
  let judged = outcomes.get(track.key);
  if (!judged) {
    judged = limited(() => judge(track.key));
    outcomes.set(track.key, judged);
  }
  const outcome = await judged;
  if (outcome.state === "unchecked") outcomes.delete(track.key);
  if (outcome.state !== "verified") return outcome;
  const difference = compare(track, outcome.record);
  return difference === undefined ? outcome : { state: "refused", reason: difference };
}

/** The first way in which the page differs from the record; `undefined` when it does not. */
export function compare(track: Track, record: SignedRecord): string | undefined {
  if (record.id !== track.id) return "the node answered with the record of another track";
  if (record.artist !== track.did) return "the artist on this page is not the one who signed";
  if (record.cid !== track.cid) return "the content on this page is not what the artist signed";
  if (tidy(record.title) !== track.title) return "the title on this page is not the one the artist signed";
  if (record.artistName !== undefined && tidy(record.artistName) !== track.artist) {
    return "the artist's name on this page is not the one the artist signed";
  }
  return undefined;
}

async function judge(key: string): Promise<Outcome> {
  let bytes: Uint8Array;
  try {
    const response = await fetchOrKept(recordOf(key), { headers: { Accept: "application/json" } });
    if (!response.ok) {
      return { state: "unchecked", reason: `the node did not give out the record (HTTP ${response.status})` };
    }
    bytes = await readAtMost(response, MAX_RECORD_BYTES + 1);
  } catch {
    return { state: "unchecked", reason: "the record could not be fetched" };
  }
  try {
    return judgeBytes(bytes, (await core()).verifyRecord);
  } catch {
    return { state: "unchecked", reason: "this browser could not load the checking program" };
  }
}

/** The core's verdict on the bytes of a record. */
export function judgeBytes(
  bytes: Uint8Array,
  verify: (bytes: Uint8Array) => { valid: boolean; message?: string; keyElsewhere?: boolean },
): Outcome {
  const verdict = verify(bytes);
  if (verdict.keyElsewhere) {
    return {
      state: "unchecked",
      reason: "the artist's key is on the artist's own web site; the node checked the signature, this browser did not",
    };
  }
  if (!verdict.valid) return { state: "refused", reason: verdict.message ?? "the record does not verify" };
  const record = JSON.parse(new TextDecoder().decode(bytes)) as SignedRecord & { type?: string };
  if (record.type !== "osp:Track") return { state: "refused", reason: "the record is not one of a track" };
  return { state: "verified", record };
}

/** The first `limit` bytes of a body; whatever follows is not downloaded. */
export async function readAtMost(response: Response, limit: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array();
  const out = new Uint8Array(limit);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, limit - length);
    out.set(part, length);
    length += part.length;
    if (length === limit) {
      await reader.cancel();
      break;
    }
  }
  return out.slice(0, length);
}

async function limited<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_PARALLEL) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
