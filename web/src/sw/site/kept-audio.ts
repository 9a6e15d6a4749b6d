/** A kept track as a server would give it: whole, or the range that was asked for. The browser reads it from its file, piece by piece. */

import { bytesOf } from "../../lib/addresses";
import { read } from "../../lib/library/shelf";
import { contentRange, parseRange } from "../../lib/media/range";
import { open } from "../../lib/offline/files";
import { keptList } from "../../lib/offline/index-of";

/** `path`: where the bytes were taken from, and are again, from the moment in which they were taken off this device. */
export async function keptAudio(path: string, request: Request): Promise<Response> {
  const range = request.headers.get("Range");
  const found = await find(path).catch(() => undefined);
  if (found) return answer(found.file, found.type, range);
  return fetch(path, { headers: range === null ? {} : { Range: range } });
}

async function find(path: string): Promise<{ readonly file: File; readonly type: string } | undefined> {
  const entry = keptList(await read("kept")).find(({ track }) => bytesOf(track) === path);
  const file = entry && (await open("kept", entry.track.cid));
  // Cut short by whatever happened to the disk: not what was proven.
  return file && file.size === entry.size ? { file, type: entry.type } : undefined;
}

/** The answer to a request for a file. */
export function answer(file: Blob, type: string, range: string | null): Response {
  const wanted = parseRange(range, file.size);
  const headers = { "Content-Type": type, "Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" };
  if (wanted === "unsatisfiable") {
    return new Response(null, { status: 416, headers: { ...headers, "Content-Range": `bytes */${file.size}` } });
  }
  const { start, end } = wanted ?? { start: 0, end: file.size };
  return new Response(file.slice(start, end), {
    status: wanted ? 206 : 200,
    headers: { ...headers, "Content-Length": String(end - start), ...(wanted && { "Content-Range": contentRange(wanted, file.size) }) },
  });
}
