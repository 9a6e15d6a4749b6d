/**
 * Sealed releases (SMSG) in the browser: what a page sees. `inspect` reads only the header; `unlock` opens with what the
 * listener was given; `read` and `stream` give out content that was authenticated, and nothing else.
 *
 * All work is done in a Worker; nothing leaves the browser but the requests for a URL that the page itself names.
 */

/** Where a sealed file is: bytes at hand, an address, or its base64 text. */
export type Source = Blob | URL | string;

/** What the listener was given. */
export type Credential =
  /** v1 and v2: the licence key, letter for letter. */
  /**
   * 3.0: a licence key in any spelling, or a passphrase; `licence`: the licence that goes with the key, its bytes or as it
   * stands in a link behind `l=`; `table`: newer keys than the file's own (`.smsgk`), a file or its address.
   */
  | { readonly kind: "key"; readonly key: string; readonly licence?: string | Uint8Array; readonly table?: Blob | string }
  /** 3.0: nothing; opens what is open to everybody. */
  | { readonly kind: "preview" }
  /** v3: licence id and the fingerprint of device or buyer; the latter may be empty. */
  | { readonly kind: "licence"; readonly id: string; readonly fingerprint: string };

/** What lay beside a file of version 3.0 and was needed to open it: a licence's bytes, or the address of a table of newer keys. */
export type Beside = { readonly licence: Uint8Array } | { readonly table: string };

/**
 * What is wrong, as one stable word. The words of the format's errors (`decryption_failed`, `expired`, `not_yet_valid`,
 * `no_valid_key`, `truncated_container`, `bad_magic`, `bad_base64`, `double_base64`, `license_required`, `not_v3`,
 * `password_required`, `decompression_limit`, `invalid_payload`, ...) and these:
 *
 * | word | meaning |
 * |---|---|
 * | `network` | the address could not be read; `detail` is the HTTP status where there is one |
 * | `changed` | the file changed while it was being read |
 * | `storage_full` | the browser has no room to keep the content |
 * | `too_large` | there is no place where content of this size could be kept (no storage in this browser) |
 * | `aborted` | the caller's signal, or `close()` |
 * | `out_of_range` | no such attachment, or no such bytes of it |
 * | `unsupported` | something that this browser or this module cannot do |
 * | `artist_unknown` | the address in the artist's identity did not give out the key that would prove who signed |
 * | `bad_licence` | the licence of a link is damaged |
 * | `internal` | the module itself failed; it is started anew for the next call |
 */
export type Problem = string;

/** Opening or sealing failed. `message` is a sentence in English for those who have none of their own for `problem`. */
export class SealedError extends Error {
  readonly problem: Problem;
  readonly detail?: unknown;

  constructor(problem: Problem, message: string, detail?: unknown) {
    super(message);
    this.name = "SealedError";
    this.problem = problem;
    if (detail !== undefined) this.detail = detail;
  }
}

/** A mark in a release, as on a CD. */
export interface ManifestTrack {
  readonly title: string;
  /** Seconds. */
  readonly start: number;
  /** Seconds; absent: until the next track. */
  readonly end?: number;
  /** intro, verse, chorus, drop, outro, full, or anything. */
  readonly type?: string;
  /** From 1. */
  readonly trackNum?: number;
  /** 3.0: who plays it, if not the release's artist. */
  readonly artist?: string;
  /** 3.0: loop points, seconds. */
  readonly loop?: readonly [number, number];
}

/** What a release says about itself in the clear. Nothing vouches for it. Empty and zero members are absent. */
export interface Manifest {
  readonly title?: string;
  readonly artist?: string;
  readonly album?: string;
  readonly genre?: string;
  readonly year?: number;
  readonly releaseType?: string;
  /** Seconds. */
  readonly duration?: number;
  readonly format?: string;
  /** Unix seconds. */
  readonly expiresAt?: number;
  /** Unix seconds. */
  readonly issuedAt?: number;
  readonly licenseType?: string;
  readonly tracks?: readonly ManifestTrack[];
  readonly links?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly extra?: Readonly<Record<string, string>>;
}

/** Something a listener should know before trusting a file. */
export interface Warning {
  /** A stable word. */
  readonly class: string;
  /** One sentence. */
  readonly message: string;
}

/** What can be said of a sealed file without a key. */
export interface SealedInfo {
  readonly version: string;
  readonly algorithm: string;
  /** `release` is version 3.0. */
  readonly format: "v1" | "v2" | "v3" | "release";
  readonly compression: "none" | "gzip" | "zstd";
  readonly hint?: string;
  readonly manifest?: Manifest;
  readonly opensWith: "key" | "licence";
  /** v3: how often its keys change: daily, 12h, 6h, 1h. */
  readonly cadence?: string;
  /** v3: the periods there are keys for, e.g. `2026-01-12`. */
  readonly periods?: readonly string[];
  readonly chunked?: { readonly chunkSize: number; readonly totalChunks: number; readonly totalSize: number };
  /** Bytes of the source, when known without reading it. */
  readonly size?: number;
  readonly encoding: "binary" | "base64";
  /** 3.0: what it holds and how it is sold. */
  readonly release?: ReleaseInfo;
  /** Unix seconds; the manifest's, when it names one. */
  readonly expiresAt?: number;
  /** By this device's clock, when the file was inspected. */
  readonly isExpired: boolean;
  readonly warnings: readonly Warning[];
}

/** What a file of version 3.0 says of itself, signed by its artist. */
export interface ReleaseInfo {
  /** What the file is called, hexadecimal: SHA-256 of everything up to the end of its header. */
  readonly id: string;
  /** The DID whose signature holds, as far as `artistChecked` says. Compare it with the one you were told. */
  readonly artist: string;
  /** The `did:key` that signed for the artist, if their DID is a `did:web`. */
  readonly key?: string;
  /** Whether it was checked that this key is the artist's: not, where their address did not answer. */
  readonly artistChecked: boolean;
  /** The artist signed what every chunk is. */
  readonly signedDigests: boolean;
  /** How this artist's keys begin. */
  readonly keyPrefix?: string;
  readonly parts: readonly { readonly name: string; readonly mime: string; readonly tier?: string; readonly size: number; readonly seconds?: number }[];
  /** Sets of chunks that can be bought by themselves. */
  readonly cuts: readonly { readonly name: string; readonly title?: string }[];
  /** Keys in the file; others may have been sold later. */
  readonly keys: number;
  readonly passphrases: number;
  /** What opens without a key. */
  readonly preview?: Terms;
  /** What keys of the file open that do not open everything. */
  readonly offered: readonly Terms[];
}

/** What a licence says. `ranges` is enforced by its keys; all about time is a request of the artist. Unix seconds. */
export interface Terms {
  /** `perpetual`, `rental`, `stream`, `preview`, or the seller's word. */
  readonly licence: string;
  /** Chunks that open. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly cut?: string;
  readonly tier?: string;
  readonly issued?: number;
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Seconds from first use. */
  readonly period?: number;
  readonly buyer?: string;
  readonly sale?: string;
}

export interface InspectOptions {
  readonly signal?: AbortSignal;
  /** 3.0, of an address: the DID of who must have signed what is there, as a Track Record says; other files are `wrong_artist`. */
  readonly artist?: string;
}

export interface UnlockOptions {
  /** Unix seconds; the device's clock when absent. Decides expiry and the period of v3. */
  readonly now?: number;
  /** Opens a file whose manifest says that it has expired: the date is a request of the artist. */
  readonly ignoreExpiry?: boolean;
  /** What compressed content may grow to, bytes; 1 GiB when absent. */
  readonly maxDecompressed?: number;
  /** Called now and then with bytes read so far and in all; not called for chunked files. */
  onProgress?(done: number, total: number): void;
  readonly signal?: AbortSignal;
}

/** A sealed file whose header was read. */
export interface Sealed {
  readonly info: SealedInfo;
  /** Chunked files: reads the first chunks only. All others: reads, checks and keeps the whole content. */
  unlock(credential: Credential, options?: UnlockOptions): Promise<Release>;
  /** Lets go of everything, releases included. */
  close(): void;
}

/** A public key to answer to. */
export interface ReplyKey {
  readonly publicKey: string;
  readonly keyId?: string;
  readonly algorithm?: string;
  readonly fingerprint?: string;
}

/** The sealed text. */
export interface Message {
  readonly subject?: string;
  readonly body: string;
  readonly from?: string;
  /** Unix seconds. */
  readonly timestamp?: number;
  readonly replyKey?: ReplyKey;
  readonly meta?: Readonly<Record<string, string>>;
}

/** What the message says about an attachment; `name` is free text. */
export interface Attachment {
  readonly name: string;
  /** Media type; empty when not said. */
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  /** 3.0: which part of the release it is. */
  readonly stretch?: Stretch;
}

/** What the keys open of one media file, without a gap. */
export interface Stretch {
  /** Number of the media file. */
  readonly part: number;
  /** It is all of the file. */
  readonly whole: boolean;
  /** Seconds in the media file, as far as its index says. */
  readonly start: number;
  readonly end?: number;
  readonly tier?: string;
  /** The manifest's tracks in it, by number. */
  readonly tracks: readonly number[];
}

/** An opened release. */
export interface Release {
  readonly message: Message;
  readonly attachments: readonly Attachment[];
  /** 3.0: what was sold. */
  readonly terms?: Terms;
  /** 3.0: the seller's number for the key. */
  readonly serial?: number;
  /** 3.0: what else is needed to open it again elsewhere than at its address. */
  readonly beside?: Beside;
  /** At least one byte of `start` to `end`: what is there without waiting for more. */
  readSome(attachment: number, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Says that what plays at this moment will be wanted. */
  ahead(attachment: number, seconds: number): void;
  /** The bytes `start` to `end` (exclusive, clamped to the size) of an attachment. */
  read(attachment: number, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** The same bytes in pieces, read as they are asked for. */
  stream(attachment: number, start?: number, end?: number): ReadableStream<Uint8Array>;
  close(): void;
}

/** What to seal. */
export interface Draft {
  readonly message: Message;
  readonly attachments?: readonly { readonly name: string; readonly mime?: string; readonly content: Blob | Uint8Array }[];
  readonly manifest?: Manifest;
  /** v1 only. */
  readonly hint?: string;
}

/** Which kind of file to write. Nothing is compressed here; sound, pictures and film are already. */
export type Target =
  | { readonly format: "v1"; readonly key: string }
  | { readonly format: "v2"; readonly key: string }
  | {
      readonly format: "v3";
      readonly licence: { readonly id: string; readonly fingerprint: string };
      readonly cadence?: string;
      /** Unix seconds; the device's clock when absent. */
      readonly now?: number;
      /** Plaintext bytes per chunk; 1 MiB when absent. */
      readonly chunk?: number;
    };

/** What a check of a licence key's text found. */
export type KeyCheck =
  | { readonly state: "good"; readonly style: "code" | "words"; readonly canonical: string }
  /** Well-formed, but of a kind that has no checksum. */
  | { readonly state: "form-only"; readonly canonical: string }
  /** A typing error; `groups` (from 1; 0 is the prefix) or `word` (from 1) say where, as far as can be told. */
  | {
      readonly state: "typo";
      /** One sentence. */
      readonly message: string;
      readonly groups?: readonly number[];
      readonly word?: number;
      readonly found?: string;
      readonly suggestion?: string;
    }
  /** Not one of our styles: nothing can be said about it, and it may well be right. */
  | { readonly state: "unknown" };

/** One bit rate of an adaptive release: each is a chunked v3 file. */
export interface AbrVariant {
  readonly name: string;
  /** Bits per second it needs. */
  readonly bandwidth: number;
  readonly width: number;
  readonly height: number;
  /** RFC 6381. */
  readonly codecs: string;
  /** As the manifest has it, relative to the manifest. */
  readonly url: string;
  readonly chunkCount: number;
  readonly fileSize: number;
}

/** An adaptive manifest with its bandwidth estimate. */
export interface Abr {
  readonly title: string;
  /** Seconds. */
  readonly duration: number;
  /** By bandwidth, ascending. */
  readonly variants: readonly AbrVariant[];
  readonly defaultIndex: number;
  /** Where the manifest came from, to resolve the variants' addresses; absent for a Blob. */
  readonly base?: URL;
  /** The address of a variant. */
  urlOf(variant: number): URL;
  /** The variant to fetch at this many bits per second: the best that needs at most four fifths of them. */
  select(bandwidth: number): number;
  /** Notes a finished download: bytes and milliseconds. */
  record(bytes: number, milliseconds: number): void;
  /** Bits per second, from the last downloads; 1,000,000 when there are none. */
  estimate(): number;
}
