/** Bytes as the tracker protocol and magnets write them. */

/** Bytes of hexadecimal digits; `undefined` when it is something else. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^([0-9a-f]{2})*$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Each byte as the character with its number: how trackers' JSON carries digests. */
export const toLatin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

export const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

/** How this program names itself to peers: BEP 20's form, and chance. Another one with every visit. */
export function newPeerId(): Uint8Array<ArrayBuffer> {
  const id = random(20);
  id.set(new TextEncoder().encode("-ON0100-"));
  return id;
}
