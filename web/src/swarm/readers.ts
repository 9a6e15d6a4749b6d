/** Those who read a track, where they are, and those of them who wait for bytes. */

/** Why a reader gets nothing from here. */
export class NotHere extends Error {}

interface Waiting {
  readonly at: number;
  readonly give: () => void;
  readonly fail: (why: NotHere) => void;
}

export class Readers {
  /** The next byte of each reader; a reader is known by its signal. */
  private readonly places = new Map<AbortSignal, number>();
  private readonly waiting = new Set<Waiting>();

  /** Notes where a reader is. It is forgotten when its signal aborts. */
  at(reader: AbortSignal, place: number): void {
    if (reader.aborted) return;
    if (!this.places.has(reader)) reader.addEventListener("abort", () => this.places.delete(reader), { once: true });
    this.places.set(reader, place);
  }

  /** Where readers are, each place once. */
  get positions(): number[] {
    return [...new Set(this.places.values())];
  }

  /** Waits until `wake` is called for the byte at `at`, at most `patience` milliseconds. */
  wait(at: number, patience: number, reader: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        reader.removeEventListener("abort", aborted);
        this.waiting.delete(waiting);
      };
      const waiting: Waiting = {
        at,
        give: () => (end(), resolve()),
        fail: (why) => (end(), reject(why)),
      };
      const timer = setTimeout(() => waiting.fail(new NotHere("no source was in time")), patience);
      const aborted = () => waiting.fail(new NotHere("nobody reads any more"));
      reader.addEventListener("abort", aborted);
      this.waiting.add(waiting);
    });
  }

  /** Bytes `start` to `end` have come. */
  wake(start: number, end: number): void {
    for (const waiting of this.waiting) if (waiting.at >= start && waiting.at < end) waiting.give();
  }

  /** Nothing comes any more. */
  close(): void {
    for (const waiting of this.waiting) waiting.fail(new NotHere("the swarm was left"));
    this.places.clear();
  }
}
