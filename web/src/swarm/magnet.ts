/** What a magnet link says. */

export interface Magnet {
  /** 40 lower-case hexadecimal digits. */
  readonly infohash: string;
  /** Bytes; `undefined` when it does not say. */
  readonly size: number | undefined;
  /** Places that give the file over HTTP. */
  readonly mirrors: readonly string[];
  readonly trackers: readonly string[];
}

/** Most mirrors, and most trackers, that are used of a link. */
const MAX_PLACES = 8;

/** `undefined` for a text that is no magnet of a BitTorrent v1 torrent. */
export function parseMagnet(text: unknown): Magnet | undefined {
  if (typeof text !== "string" || !text.startsWith("magnet:?")) return undefined;
  const params = new URLSearchParams(text.slice("magnet:?".length));
  const hash = /^urn:btih:([0-9a-f]{40})$/i.exec(params.get("xt") ?? "")?.[1];
  if (hash === undefined) return undefined;
  const size = params.get("xl") ?? "";
  return {
    infohash: hash.toLowerCase(),
    size: /^[1-9]\d{0,14}$/.test(size) ? Number(size) : undefined,
    mirrors: webAddresses(params.getAll("ws")),
    trackers: webSocketAddresses(params.getAll("tr")),
  };
}

/** The addresses a page can fetch from, each once. */
export const webAddresses = (urls: readonly unknown[]): string[] => withScheme(urls, ["https:", "http:"]);

/** The trackers a page can speak with, each once. */
export const webSocketAddresses = (urls: readonly unknown[]): string[] => withScheme(urls, ["wss:", "ws:"]);

function withScheme(urls: readonly unknown[], schemes: readonly string[]): string[] {
  const known = urls.flatMap((url) => {
    const parsed = typeof url === "string" ? URL.parse(url) : null;
    return parsed && schemes.includes(parsed.protocol) ? [parsed.href] : [];
  });
  return [...new Set(known)].slice(0, MAX_PLACES);
}
