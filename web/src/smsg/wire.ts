/** The wire's spelling (snake_case, as the module gives and takes) and the page's (camelCase). */

import type { Attachment, Manifest, ManifestTrack, Message, ReplyKey } from "./types";

/** A header as a writer writes it. */
export interface WireHeader {
  readonly format?: "v2" | "v3";
  readonly compression?: string;
  readonly hint?: string;
  readonly manifest?: WireManifest;
  readonly cadence?: string;
  readonly keyMethod?: string;
  readonly wrappedKeys?: readonly { readonly date: string; readonly wrapped: string }[];
  readonly chunked?: {
    readonly chunkSize: number;
    readonly totalChunks: number;
    readonly totalSize: number;
    readonly index: readonly { readonly offset: number; readonly size: number }[];
  };
}

/** A manifest as it is in the header. */
export interface WireManifest {
  readonly title?: string;
  readonly artist?: string;
  readonly album?: string;
  readonly genre?: string;
  readonly year?: number;
  readonly release_type?: string;
  readonly duration?: number;
  readonly format?: string;
  readonly expires_at?: number;
  readonly issued_at?: number;
  readonly license_type?: string;
  readonly tracks?: readonly WireTrack[];
  readonly links?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly extra?: Readonly<Record<string, string>>;
}

interface WireTrack {
  readonly title: string;
  readonly start: number;
  readonly end?: number;
  readonly type?: string;
  readonly track_num?: number;
}

/** A message as it is in the payload, without contents. */
export interface WireMessage {
  readonly subject?: string;
  readonly body: string;
  readonly attachments?: readonly { readonly name: string; readonly mime?: string; readonly size?: number }[];
  readonly reply_key?: { readonly public_key: string; readonly key_id?: string; readonly algorithm?: string; readonly fingerprint?: string };
  readonly from?: string;
  readonly timestamp?: number;
  readonly meta?: Readonly<Record<string, string>>;
}

/** `value` without members that are `undefined`, so that "absent" is one thing. */
function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

export function manifestFromWire(wire: WireManifest): Manifest {
  const { release_type, expires_at, issued_at, license_type, tracks, ...same } = wire;
  return present<Manifest>({
    ...same,
    releaseType: release_type,
    expiresAt: expires_at,
    issuedAt: issued_at,
    licenseType: license_type,
    tracks: tracks?.map(({ track_num, ...track }) => present<ManifestTrack>({ ...track, trackNum: track_num })),
  });
}

export function manifestToWire(manifest: Manifest): WireManifest {
  const { releaseType, expiresAt, issuedAt, licenseType, tracks, ...same } = manifest;
  return present<WireManifest>({
    ...same,
    release_type: releaseType,
    expires_at: expiresAt,
    issued_at: issuedAt,
    license_type: licenseType,
    tracks: tracks?.map(({ trackNum, ...track }) => present<WireTrack>({ ...track, track_num: trackNum })),
  });
}

export function messageFromWire(wire: WireMessage): Message {
  const { subject, body, from, timestamp, meta, reply_key: key } = wire;
  const replyKey =
    key &&
    present<ReplyKey>({ publicKey: key.public_key, keyId: key.key_id, algorithm: key.algorithm, fingerprint: key.fingerprint });
  return present<Message>({ subject, body, from, timestamp, replyKey, meta });
}

export function attachmentsFromWire(wire: WireMessage): Attachment[] {
  return (wire.attachments ?? []).map(({ name, mime = "", size = 0 }) => ({ name, mime, size }));
}

/** A message as JSON; the attachments' sizes are those of what will follow. */
export function messageToWire(message: Message, attachments: readonly Attachment[]): string {
  const { replyKey: key, ...same } = message;
  const reply_key = key && { public_key: key.publicKey, key_id: key.keyId, algorithm: key.algorithm, fingerprint: key.fingerprint };
  return JSON.stringify({ ...same, attachments, reply_key });
}

/** What a writer decides of a header, as JSON. */
export function headerToWire(format: "v1" | "v2" | "v3", manifest: Manifest | undefined, hint: string | undefined): string {
  const v3 = format === "v3" ? { keyMethod: "lthn-rolling" } : {};
  return JSON.stringify({ format: format === "v1" ? undefined : format, ...v3, manifest: manifest && manifestToWire(manifest), hint });
}
