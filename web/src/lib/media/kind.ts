/**
 * What a browser may do with an attachment. Its name and media type are a stranger's words: only what no browser runs as a
 * document is ever shown, and everything else is a file to save, of no type.
 */

/** How an attachment is offered. */
export type Kind = "audio" | "video" | "image" | "file";

/** Of what is only saved. */
export const OPAQUE = "application/octet-stream";

/** Pictures that cannot carry script: not SVG. */
const IMAGES = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"]);

/** A media type with at most a codecs parameter (RFC 6381), and nothing that could break out of a header. */
const PLAIN = /^(audio|video)\/[a-z0-9][a-z0-9.+-]{0,63}(; ?codecs=("[a-z0-9.,+ -]{1,128}"|[a-z0-9.+-]{1,64}))?$/;

/** For those who did not say. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  aac: "audio/aac",
  flac: "audio/flac",
  ogg: "audio/ogg",
  oga: "audio/ogg",
  opus: "audio/ogg",
  wav: "audio/wav",
  mp4: "video/mp4",
  m4v: "video/mp4",
  webm: "video/webm",
  ogv: "video/ogg",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
};

/** What the spec of Track Records, and some encoders, write; what browsers know. */
const ALIASES: Readonly<Record<string, string>> = {
  "audio/opus": "audio/ogg",
  "audio/mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav",
  "audio/x-flac": "audio/flac",
  "audio/x-m4a": "audio/mp4",
  "image/jpg": "image/jpeg",
};

/** The media type to show an attachment with; `application/octet-stream` for everything that is not shown. */
export function shownType(mime: string, name: string): string {
  const said = mime.trim().toLowerCase();
  const unsaid = said === "" || said === OPAQUE || said === "binary/octet-stream";
  const type = unsaid ? BY_EXTENSION[/\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? ""] : (ALIASES[said] ?? said);
  return type !== undefined && (IMAGES.has(type) || PLAIN.test(type)) ? type : OPAQUE;
}

/** How an attachment of that shown type is offered. */
export function kindOf(shown: string): Kind {
  const family = shown.split("/")[0];
  return family === "audio" || family === "video" || family === "image" ? family : "file";
}
