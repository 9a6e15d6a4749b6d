/** What an existing page hands over: checked here, so that nothing it passes is worse than a rejected Promise. */

/** Text; the original turned other things into the likes of "<undefined>". */
export function text(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TypeError(`${name} must be a string`);
}

/** Text of an object's member; none when absent. */
export function member(holder: object, name: string): string | undefined {
  const value = (holder as Record<string, unknown>)[name];
  return value === undefined || value === null ? undefined : text(value, name);
}

/** A number of an object's member; none when absent. */
export function numberMember(holder: object, name: string): number | undefined {
  const value = (holder as Record<string, unknown>)[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError(`${name} must be a number`);
  return value;
}

/** An object's member that is an object; none when it is anything else. */
export function objectMember(holder: object, name: string): object | undefined {
  const value = (holder as Record<string, unknown>)[name];
  return typeof value === "object" && value !== null ? value : undefined;
}

/** An object's member that is a list. */
export function listMember(holder: object, name: string): object[] {
  const value = (holder as Record<string, unknown>)[name];
  return Array.isArray(value) ? (value as unknown[]).filter((item) => typeof item === "object" && item !== null) : [];
}

/** A list of texts. */
export function textsMember(holder: object, name: string): string[] {
  const value = (holder as Record<string, unknown>)[name];
  return Array.isArray(value) ? value.map((item) => text(item, name)) : [];
}

/** The texts of an object's members. */
export function mapMember(holder: object, name: string): Record<string, string> | undefined {
  const map = objectMember(holder, name);
  return map && Object.fromEntries(Object.entries(map).map(([key, value]) => [key, text(value, key)]));
}

export function object(value: unknown, name: string): object {
  if (typeof value !== "object" || value === null) throw new TypeError(`${name} must be an object`);
  return value;
}

/** Bytes: a Uint8Array, and whatever else holds bytes. */
export function bytes(value: unknown, name: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError(`${name} must be a Uint8Array`);
}

/** An index of chunks. */
export function index(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw new RangeError("chunk index out of range");
  return value;
}
