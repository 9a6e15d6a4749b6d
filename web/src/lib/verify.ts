/** Whether a track on the page is what its artist signed. */

import type { Verdict } from "../wasm/osp_wasm";
import { core } from "./core";
import { fetchOrKept } from "./offline/beside";
import { tidy } from "./dom";
import { t } from "./messages";
import { recordOf, type Track } from "./tracks";

/** The outcome for one track. */
export type Outcome =
  | { readonly state: "verified"; readonly record: SignedRecord }
  /** Somebody lies: the record is bad, or the page shows something else. */
  | { readonly state: "refused"; readonly reason: Reason }
  /** Could not be judged here, which says nothing about the track. */
  | { readonly state: "unchecked"; readonly reason: Reason };

/** A reason in the language of the moment: outcomes last longer than that. */
export type Reason = () => string;

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

/** The check of one record, for all who wait for it. */
interface Check {
  readonly outcome: Promise<Outcome>;
  /** Asks each whether it still wants to know; gone when that is known: they hold pages that were shown. */
  wanted?: (() => boolean)[];
}

const checks = new Map<string, Check>();
let running = 0;
const waiting: (() => void)[] = [];

/**
 * Fetches the bare record, has the core judge it, and compares it with what the page shows. When its turn comes and nobody is left
 * for whom it is `wanted`, nothing is fetched: results of a search go by faster than they can be checked.
 */
export async function verifyTrack(track: Track, wanted: () => boolean = () => true): Promise<Outcome> {
  let check = checks.get(track.key);
  if (check) check.wanted?.push(wanted);
  else checks.set(track.key, (check = begin(track.key, wanted)));
  const outcome = await check.outcome;
  // It is tried again when it is asked for again.
  if (outcome.state === "unchecked" && checks.get(track.key) === check) checks.delete(track.key);
  if (outcome.state !== "verified") return outcome;
  const difference = compare(track, outcome.record);
  return difference === undefined ? outcome : { state: "refused", reason: difference };
}

function begin(key: string, first: () => boolean): Check {
  const wanted = [first];
  const check: Check = {
    wanted,
    outcome: limited(async (): Promise<Outcome> => {
      if (wanted.some((one) => one())) return judge(key);
      return { state: "unchecked", reason: () => t().verify.notFetched };
    }),
  };
  void check.outcome.finally(() => delete check.wanted);
  return check;
}

/** Whether the record of a track has been judged. */
export function isJudged(key: string): boolean {
  const check = checks.get(key);
  return check !== undefined && check.wanted === undefined;
}

/** The first way in which the page differs from the record; `undefined` when it does not. */
export function compare(track: Track, record: SignedRecord): Reason | undefined {
  if (record.id !== track.id) return () => t().verify.otherTrack;
  if (record.artist !== track.did) return () => t().verify.otherArtist;
  if (record.cid !== track.cid) return () => t().verify.otherContent;
  if (tidy(record.title) !== track.title) return () => t().verify.otherTitle;
  if (record.artistName !== undefined && tidy(record.artistName) !== track.artist) {
    return () => t().verify.otherName;
  }
  return undefined;
}

async function judge(key: string): Promise<Outcome> {
  let bytes: Uint8Array;
  try {
    const response = await fetchOrKept(recordOf(key), { headers: { Accept: "application/json" } });
    if (!response.ok) return { state: "unchecked", reason: () => t().verify.notGiven(response.status) };
    bytes = await readAtMost(response, MAX_RECORD_BYTES + 1);
  } catch {
    return { state: "unchecked", reason: () => t().verify.notFetched };
  }
  try {
    return judgeBytes(bytes, (await core()).verifyRecord);
  } catch {
    return { state: "unchecked", reason: () => t().verify.notLoaded };
  }
}

/** The core's verdict on the bytes of a record. */
export function judgeBytes(
  bytes: Uint8Array,
  verify: (bytes: Uint8Array) => Pick<Verdict, "valid" | "error" | "message" | "keyElsewhere">,
): Outcome {
  const verdict = verify(bytes);
  if (verdict.keyElsewhere) return { state: "unchecked", reason: () => t().verify.keyElsewhere };
  if (!verdict.valid) return { state: "refused", reason: () => t().verify.invalid(verdict.error, verdict.message) };
  const record = JSON.parse(new TextDecoder().decode(bytes)) as SignedRecord & { type?: string };
  if (record.type !== "osp:Track") return { state: "refused", reason: () => t().verify.notOfTrack };
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
