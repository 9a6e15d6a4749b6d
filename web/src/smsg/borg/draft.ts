/** The original's message and manifest objects, as the module seals them. */

import { BytesFile } from "../files";
import type { Manifest, ManifestTrack } from "../types";
import { messageToWire } from "../wire";
import { listMember, mapMember, member, numberMember, objectMember, text, textsMember } from "./arguments";
import { decodeShort } from "./base64";

/** What the module's `seal` takes: v1, as the original writes from a browser. */
export function draft(message: object, now: number): { json: string; files: BytesFile[] } {
  const [subject, from, meta] = [member(message, "subject"), member(message, "from"), mapMember(message, "meta")];
  const replyKey = objectMember(message, "replyKey");
  const files: BytesFile[] = [];
  const attachments = listMember(message, "attachments").map((attachment) => {
    const file = new BytesFile(decodeShort(member(attachment, "content") ?? ""));
    files.push(file);
    return { name: text((attachment as { name?: unknown }).name, "an attachment's name"), mime: member(attachment, "mime") ?? "", size: file.size };
  });
  const sealed = {
    body: member(message, "body") ?? "",
    timestamp: now,
    ...(subject && { subject }),
    ...(from && { from }),
    ...(meta && { meta }),
    // The only kind there is, and what the original writes.
    ...(replyKey && { replyKey: { publicKey: member(replyKey, "publicKey") ?? "", algorithm: "x25519" } }),
  };
  return { json: messageToWire(sealed, attachments), files };
}

/** A page's manifest; tracks without a number are numbered. */
export function manifestOf(object: object): Manifest {
  const texts = ["title", "artist", "album", "genre", "releaseType", "format", "licenseType"] as const;
  const numbers = ["year", "duration", "expiresAt", "issuedAt"] as const;
  const said: Record<string, unknown> = {};
  for (const name of texts) said[name] = member(object, name);
  for (const name of numbers) {
    const value = numberMember(object, name);
    said[name] = value === undefined ? undefined : Math.trunc(value);
  }
  const tags = textsMember(object, "tags");
  const [links, extra] = [mapMember(object, "links"), mapMember(object, "extra")];
  const tracks = listMember(object, "tracks").map((track, index): ManifestTrack => {
    const [end, type] = [numberMember(track, "end"), member(track, "type")];
    return {
      title: member(track, "title") ?? "",
      start: numberMember(track, "start") ?? 0,
      ...(end !== undefined && { end }),
      ...(type !== undefined && { type }),
      trackNum: Math.trunc(numberMember(track, "trackNum") ?? index + 1),
    };
  });
  return { ...said, ...(tracks.length && { tracks }), ...(tags.length && { tags }), ...(links && { links }), ...(extra && { extra }) } as Manifest;
}
