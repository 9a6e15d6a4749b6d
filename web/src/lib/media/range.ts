/** Byte ranges as media elements ask for them (RFC 9110, section 14): one range, inside a content of known size. */

/** `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a `Range` header means for `size` bytes. `undefined`: no range that has to be honoured (none, several, another unit,
 * or not well-formed), so everything is sent. `"unsatisfiable"`: 416.
 */
export function parseRange(header: string | null, size: number): ByteRange | "unsatisfiable" | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!found) return undefined;
  const [first, last] = [found[1] ?? "", found[2] ?? ""];
  if (first === "") {
    if (last === "") return undefined;
    const length = Math.min(Number(last), size);
    return length > 0 ? { start: size - length, end: size } : "unsatisfiable";
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < start) return undefined;
  return start < size ? { start, end } : "unsatisfiable";
}

/** `bytes 0-99/1234` */
export const contentRange = ({ start, end }: ByteRange, size: number): string => `bytes ${start}-${end - 1}/${size}`;
