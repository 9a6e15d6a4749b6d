/** EBML elements (RFC 8794), as far as WebM needs them. */

/** One element; `end` is exclusive, and `Infinity` where the length is not said. */
export interface Element {
  readonly id: number;
  /** First byte of the element. */
  readonly at: number;
  /** First byte of its data. */
  readonly data: number;
  readonly end: number;
}

/** The element at `at`; `undefined` when its id and length are cut off, or cannot be. */
export function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const idLength = vintLength(bytes[at]);
  if (idLength === 0 || idLength > 4 || at + idLength >= bytes.length) return undefined;
  let id = 0;
  for (let i = 0; i < idLength; i += 1) id = id * 256 + bytes[at + i]!;
  const sizeAt = at + idLength;
  const sizeLength = vintLength(bytes[sizeAt]);
  if (sizeLength === 0 || sizeAt + sizeLength > bytes.length) return undefined;
  let size = bytes[sizeAt]! & (0xff >> sizeLength);
  let unknown = size === 0xff >> sizeLength;
  for (let i = 1; i < sizeLength; i += 1) {
    size = size * 256 + bytes[sizeAt + i]!;
    unknown &&= bytes[sizeAt + i] === 0xff;
  }
  const data = sizeAt + sizeLength;
  return { id, at, data, end: unknown ? Number.POSITIVE_INFINITY : data + size };
}

/** The elements from `from` on, until `end` or until one is cut off. */
export function* elements(bytes: Uint8Array, from: number, end: number): Generator<Element> {
  for (let at = from; at < Math.min(end, bytes.length); ) {
    const element = elementAt(bytes, at);
    if (!element) return;
    yield element;
    at = element.end;
  }
}

/** An unsigned integer. */
export function uint(bytes: Uint8Array, { data, end }: Element): number {
  let value = 0;
  for (let at = data; at < Math.min(end, data + 8, bytes.length); at += 1) value = value * 256 + bytes[at]!;
  return value;
}

/** An IEEE number of 4 or 8 bytes. */
export function float(bytes: Uint8Array, { data, end }: Element): number | undefined {
  if (end > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + data, end - data);
  return view.byteLength === 4 ? view.getFloat32(0) : view.byteLength === 8 ? view.getFloat64(0) : undefined;
}

/** Bytes of a variable-length integer, from its first; 0 for none. */
function vintLength(first: number | undefined): number {
  return first === undefined || first === 0 ? 0 : Math.clz32(first) - 23;
}
