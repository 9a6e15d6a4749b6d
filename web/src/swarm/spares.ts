/** Offers made beforehand: describing a connection takes a tenth of a second, for which nobody should wait who hears nothing. */

import { leisure } from "./leisure";
import { offer, type Attempt } from "./rtc";

/** Offers that are kept ready. */
const READY = 2;
/** Milliseconds after which an offer's addresses may not be this machine's any more. */
const FRESH_MS = 120_000;

interface Spare {
  readonly attempt: Attempt;
  readonly made: number;
}

export class Spares {
  private ready: Spare[] = [];
  private making = false;
  private closed = false;

  /** Makes what is missing, when the page has time. */
  async fill(): Promise<void> {
    if (this.making || this.closed) return;
    this.making = true;
    await leisure();
    const missing = Math.max(0, READY - this.ready.length);
    const made = await Promise.all(Array.from({ length: missing }, () => offer().catch(() => undefined)));
    for (const attempt of made) if (attempt) this.ready.push({ attempt, made: performance.now() });
    this.making = false;
    if (this.closed) this.close();
  }

  /** At most `most` that are ready. */
  take(most: number): Attempt[] {
    for (const { attempt } of this.ready.filter((spare) => !isFresh(spare))) attempt.connection.close();
    this.ready = this.ready.filter(isFresh);
    const taken = this.ready.splice(0, most).map(({ attempt }) => attempt);
    void this.fill();
    return taken;
  }

  close(): void {
    this.closed = true;
    for (const { attempt } of this.ready) attempt.connection.close();
    this.ready = [];
  }
}

const isFresh = ({ made }: Spare): boolean => performance.now() - made < FRESH_MS;
