/** What the module says of a file of version 3.0, and the same for pages. */

import { shownType } from "../../lib/media/kind";
import type { Attachment, Manifest, ManifestTrack, ReleaseInfo, SealedInfo, Stretch, Terms, Warning } from "../types";

/** Start and end, exclusive. */
export type Pair = readonly [number, number];

type Absent<T> = { readonly [K in keyof T]: T[K] | null };

/** Members that say nothing are `null`. */
export interface WireRelease {
  /** Hexadecimal. */
  readonly id: string;
  readonly artist: string;
  /** The `did:key` that signed for the artist, if their DID is none. */
  readonly key: string | null;
  /** Whether it was checked that this key is the artist's. */
  readonly artistChecked: boolean;
  readonly title: string;
  readonly created: number;
  readonly keyPrefix: string | null;
  readonly digests: boolean;
  readonly length: number;
  readonly parts: readonly WirePart[];
  readonly tracks: readonly WireTrack[];
  readonly cuts: readonly { readonly name: string; readonly title: string | null; readonly ranges: readonly Pair[] }[];
  readonly links: Readonly<Record<string, string>>;
  readonly keys: number;
  readonly slots: readonly WireSlot[];
  readonly grants: readonly { readonly open: boolean; readonly terms: WireTerms }[];
}

export interface WirePart {
  readonly name: string;
  readonly mime: string;
  readonly tier: string | null;
  readonly bytes: number;
  readonly seconds: number | null;
  readonly chunks: Pair;
}

interface WireTrack {
  readonly title: string;
  readonly artist: string | null;
  readonly mix: string | null;
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly loop: Pair | null;
  readonly ranges: readonly Pair[] | null;
}

/** How a passphrase is stretched. */
export interface WireSlot {
  readonly kdf: "argon2id" | "scrypt";
  readonly cost: readonly [number, number, number];
  readonly salt: readonly number[];
}

export type WireTerms = Absent<Terms> & { readonly licence: string; readonly ranges: readonly Pair[] };

export interface WireStretch {
  readonly part: number;
  readonly from: number;
  readonly to: number;
  readonly chunks: Pair;
  readonly seconds: readonly [number, number | null];
}

/** `value` without members that say nothing. */
function said<T>(value: { readonly [K in keyof T]: T[K] | null | undefined }): T {
  return Object.fromEntries(Object.entries(value as object).filter(([, member]) => member !== null && member !== undefined)) as T;
}

export const termsFromWire = (wire: WireTerms): Terms => said<Terms>(wire);

const overlap = (a: readonly Pair[], b: readonly Pair[]): boolean => a.some(([x, y]) => b.some(([u, v]) => x < v && u < y));

/** The cuts whose chunks are among these. */
const withinRanges = (inner: readonly Pair[], outer: readonly Pair[]): boolean =>
  inner.every(([from, to]) => outer.some(([u, v]) => u <= from && to <= v));

export function describeRelease(wire: WireRelease, size: number | undefined): SealedInfo {
  const all: readonly Pair[] = [[0, Math.max(...wire.parts.map(({ chunks }) => chunks[1]))]];
  const open = wire.grants.find((grant) => grant.open);
  const release: ReleaseInfo = said<ReleaseInfo>({
    id: wire.id,
    artist: wire.artist,
    key: wire.key,
    artistChecked: wire.artistChecked,
    signedDigests: wire.digests,
    keyPrefix: wire.keyPrefix,
    parts: wire.parts.map(({ name, mime, tier, bytes, seconds }) => said<ReleaseInfo["parts"][number]>({ name, mime, tier, size: bytes, seconds })),
    cuts: wire.cuts.map(({ name, title }) => said<ReleaseInfo["cuts"][number]>({ name, title })),
    keys: wire.keys,
    passphrases: wire.slots.length,
    preview: open && termsFromWire(open.terms),
    offered: wire.grants.filter((grant) => !grant.open && !withinRanges(all, grant.terms.ranges)).map(({ terms }) => termsFromWire(terms)),
  });
  return {
    version: "3.0",
    algorithm: "chacha20poly1305",
    format: "release",
    compression: "none",
    opensWith: "key",
    manifest: manifestOf(wire),
    release,
    ...(size !== undefined && { size }),
    encoding: "binary",
    isExpired: false,
    warnings: warningsOf(wire),
  };
}

function manifestOf(wire: WireRelease): Manifest {
  const longest = Math.max(0, ...wire.parts.map(({ seconds }) => seconds ?? 0));
  return said<Manifest>({
    title: wire.title,
    issuedAt: wire.created,
    duration: longest > 0 ? Math.round(longest) : undefined,
    format: [...new Set(wire.parts.map(({ mime, name }) => shownType(mime, name)))].join(", "),
    tracks: wire.tracks.map(
      ({ title, artist, mix, start, end, loop }): ManifestTrack =>
        said<ManifestTrack>({ title, artist, type: mix, start: start / 1000, end: end / 1000, loop: loop && [loop[0] / 1000, loop[1] / 1000] }),
    ),
    links: wire.links,
  });
}

function warningsOf(wire: WireRelease): Warning[] {
  const warnings: Warning[] = [];
  if (!wire.artistChecked) {
    const message = `Whether the key that signed this file is one of ${wire.artist} could not be checked: that address did not answer.`;
    warnings.push({ class: "artist_not_checked", message });
  }
  if (!wire.digests) {
    const message = "The artist did not sign what is in the chunks: anybody who has a key could have changed what it opens.";
    warnings.push({ class: "no_digests", message });
  }
  return warnings;
}

/** What can be played and saved of what the keys open: each stretch of a part is a file of its own. */
export function attachmentOf(wire: WireRelease, stretch: WireStretch, size: number): Attachment {
  const part = wire.parts[stretch.part]!;
  const whole = stretch.from === 0 && stretch.to === part.bytes;
  const tracks = wire.tracks.flatMap((track, index) => (track.ranges === null || overlap(track.ranges, [stretch.chunks]) ? [index] : []));
  const [start, end] = stretch.seconds;
  const place = said<Stretch>({ part: stretch.part, whole, start, end, tier: part.tier, tracks });
  return { name: whole ? part.name : named(part.name, start, end), mime: part.mime, size, stretch: place };
}

/** `song.mp3` from 1:00 to 2:05 is `song 1m00-2m05.mp3`. */
function named(name: string, start: number, end: number | null): string {
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  return `${stem} ${minutes(start)}${end === null ? "" : `-${minutes(end)}`}${extension}`;
}

const minutes = (seconds: number) => `${Math.floor(seconds / 60)}m${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
