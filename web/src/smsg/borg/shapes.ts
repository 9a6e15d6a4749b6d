/** Results in the original's shapes: which members there are, and when. */

import type { Attachment, Message } from "../types";
import { manifestFromWire, type WireHeader, type WireManifest } from "../wire";
import { encode } from "./base64";

export type Plain = Record<string, unknown>;

/** Always `body` and `timestamp`; the others when they say something. */
export function message({ body, timestamp, subject, from }: Message): Plain {
  return { body, timestamp: timestamp ?? 0, ...(subject && { subject }), ...(from && { from }) };
}

/** What only `decrypt` adds. */
export function details({ replyKey, meta }: Message): Plain {
  return {
    ...(replyKey && {
      replyKey: {
        publicKey: replyKey.publicKey,
        keyId: replyKey.keyId ?? "",
        algorithm: replyKey.algorithm ?? "",
        fingerprint: replyKey.fingerprint ?? "",
      },
    }),
    ...(meta && { meta }),
  };
}

/** Attachments as bytes. */
export function binary(attachments: readonly Attachment[], contents: readonly Uint8Array[]): Plain {
  if (attachments.length === 0) return {};
  return {
    attachments: attachments.map(({ name, mime }, index) => {
      const data = contents[index] ?? new Uint8Array();
      return { name, mime, size: data.length, data };
    }),
  };
}

/** Attachments as base64. */
export function encoded(attachments: readonly Attachment[], contents: readonly Uint8Array[]): Plain {
  if (attachments.length === 0) return {};
  return {
    attachments: attachments.map(({ name, mime }, index) => {
      const data = contents[index] ?? new Uint8Array();
      return { name, mime, size: data.length, content: encode(data) };
    }),
  };
}

/** A manifest with what the original computes. Zero, negative and empty members are absent. */
export function manifest(wire: WireManifest, now: number): Plain {
  const given = manifestFromWire(wire);
  const said = Object.entries(given).filter(([, value]) => typeof value !== "number" || value > 0);
  const { tracks } = given;
  const expiresAt = given.expiresAt ?? 0;
  return {
    ...Object.fromEntries(said),
    ...(tracks && {
      tracks: tracks.map(({ title, start, end, type, trackNum }) => ({
        title,
        start,
        ...(end !== undefined && end > 0 && { end }),
        ...(type && { type }),
        ...(trackNum !== undefined && trackNum > 0 && { trackNum }),
      })),
    }),
    isExpired: expiresAt !== 0 && now > expiresAt,
    timeRemaining: expiresAt === 0 ? 0 : expiresAt - now,
  };
}

const withManifest = (header: WireHeader, now: number): Plain =>
  header.manifest ? { manifest: manifest(header.manifest, now) } : {};

/** `getInfo` and `getInfoBinary`: of v3 no more than of the others, as the original's own do. */
export function info(header: WireHeader, written: { version?: string; algorithm?: string }, now: number): Plain {
  const { format, compression, hint } = header;
  return {
    version: written.version ?? "",
    algorithm: written.algorithm ?? "",
    ...(format && { format }),
    ...(compression && { compression }),
    ...(hint && { hint }),
    ...withManifest(header, now),
  };
}

const v3 = ({ format, keyMethod, cadence }: WireHeader): Plain => ({ format, keyMethod: keyMethod ?? "", cadence: cadence ?? "" });

/** `getV3ChunkInfo`. */
export function chunkInfo(header: WireHeader, now: number): Plain {
  const { chunked } = header;
  return { ...v3(header), ...(chunked && { chunked }), isChunked: Boolean(chunked), ...withManifest(header, now) };
}

/** `parseV3Header`. */
export function parsedHeader(header: WireHeader, payloadOffset: number, now: number): Plain {
  const { wrappedKeys, chunked } = header;
  return {
    ...v3(header),
    payloadOffset,
    ...(wrappedKeys?.length && { wrappedKeys }),
    ...(chunked && { chunked }),
    ...withManifest(header, now),
  };
}

/** The header part of `decryptV3`. */
export function openedHeader(header: WireHeader, now: number): Plain {
  const { format, keyMethod, cadence, chunked } = header;
  return {
    header: {
      format,
      keyMethod: keyMethod ?? "",
      ...(cadence && { cadence }),
      ...(chunked && {
        isChunked: true,
        chunked: { chunkSize: chunked.chunkSize, totalChunks: chunked.totalChunks, totalSize: chunked.totalSize },
      }),
    },
    ...withManifest(header, now),
  };
}

