/** Answers for the virtual files: what a server would say of a file, with bytes that the page decrypts as they are wanted. */

import { letGo } from "../lib/let-go";
import { attachmentHeader } from "../lib/media/file-name";
import { kindOf, OPAQUE } from "../lib/media/kind";
import { PIECE, type MediaHead } from "../lib/media/protocol";
import { contentRange, parseRange } from "../lib/media/range";

/** A virtual file, as a page offers it. */
export interface MediaFile extends MediaHead {
  /** Bytes `start` to `end`, exclusive; `now`: only what is there. */
  read(start: number, end: number, now?: boolean): Promise<Uint8Array<ArrayBuffer>>;
  /** Nothing more will be read. */
  close(): void;
}

/** Nothing in an answer may run, whatever it is and wherever it is opened. */
const HARMLESS = {
  "Content-Security-Policy": "sandbox; default-src 'none'",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
} as const;

/** The answer to a request for `file`; `saves`: as a download, whatever it is. */
export function answer(file: MediaFile, range: string | null, saves: boolean): Response {
  const wanted = saves ? undefined : parseRange(range, file.size);
  if (wanted === "unsatisfiable") {
    file.close();
    return new Response(null, { status: 416, headers: { ...HARMLESS, "Content-Range": `bytes */${file.size}` } });
  }
  const shown = !saves && kindOf(file.type) !== "file";
  const { start, end } = wanted ?? { start: 0, end: file.size };
  const headers: Record<string, string> = {
    ...HARMLESS,
    "Content-Type": shown ? file.type : OPAQUE,
    "Content-Length": String(end - start),
    "Accept-Ranges": "bytes",
  };
  if (file.etag !== undefined) {
    headers.ETag = file.etag;
    headers["Cache-Control"] = "public, max-age=31536000, immutable";
  }
  if (wanted) headers["Content-Range"] = contentRange(wanted, file.size);
  if (!shown) headers["Content-Disposition"] = attachmentHeader(file.name);
  return new Response(body(file, start, end), { status: wanted ? 206 : 200, headers });
}

/** No such file, or its page is gone. */
export const missing = (): Response =>
  new Response("The page that opened this is closed.\n", { status: 404, headers: { ...HARMLESS, "Content-Type": "text/plain" } });

/** One piece at a time, when the reader has room. */
function body(file: MediaFile, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start;
  /** What was handed on: the reader has used up all but the last when it asks for more. One more is kept, to be sure. */
  const handed: Uint8Array[] = [];
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (at < end) {
          const piece = await file.read(at, Math.min(at + PIECE, end));
          if (piece.length === 0) throw new Error("the content ended early");
          at += piece.length;
          if (handed.push(piece) > 2) letGo(handed.shift());
          controller.enqueue(piece);
        }
        if (at >= end) {
          controller.close();
          file.close();
        }
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  );
}
