/**
 * How much may be kept, and how much is. Pure: what the browser says comes in as numbers.
 *
 *     allowed  what the listener set                    |==== used ====|······ left ······|
 *     free     what the browser still gives this site       whichever of both ends first is the room there is
 */

/** What one kept thing takes: the bytes by a name, so that what two things share counts once. */
export interface Taken {
  readonly name: string;
  readonly size: number;
}

/** Bytes that a listener may choose between. */
export const CHOICES = [100e6, 250e6, 500e6, 1e9, 2e9, 5e9, 10e9, 50e9] as const;
/** Bytes that are allowed until the listener says otherwise. */
export const DEFAULT = 1e9;
/** Bytes that are left to the browser: it needs some for what is written beside the music. */
const RESERVE = 256 << 10;

export const usedBytes = (all: readonly Taken[]): number =>
  [...new Map(all.map(({ name, size }) => [name, size])).values()].reduce((sum, size) => sum + size, 0);

/** A setting as it was stored; anything that is none is the default. */
export function allowedOf(text: string | null): number {
  const bytes = Number(text ?? Number.NaN);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : DEFAULT;
}

/** What `navigator.storage.estimate()` says; both absent where a browser does not tell. */
export interface Estimate {
  readonly usage?: number;
  readonly quota?: number;
}

/** Bytes that the browser still gives. */
export const freeBytes = ({ usage, quota }: Estimate): number =>
  usage === undefined || quota === undefined ? Number.POSITIVE_INFINITY : Math.max(0, quota - usage - RESERVE);

/** Why something does not fit: the listener's own limit, or the browser's. */
export interface Shortage {
  readonly limit: "allowed" | "device";
  readonly need: number;
  readonly left: number;
}

/** Whether `need` bytes fit beside `used`; if not, why. */
export function shortage(need: number, used: number, allowed: number, free: number): Shortage | undefined {
  const left = Math.max(0, allowed - used);
  if (need > left) return { limit: "allowed", need, left };
  return need > free ? { limit: "device", need, left: free } : undefined;
}

/** Nothing more fits. */
export class Full extends Error {
  constructor(readonly missing: Shortage) {
    super("there is no room for it");
  }
}

/** Whether an error says that the browser has no room. */
export const isQuotaError = (error: unknown): boolean =>
  error instanceof Full || (error as { name?: unknown } | undefined)?.name === "QuotaExceededError";
