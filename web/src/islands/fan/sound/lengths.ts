/**
 * How long recordings are. Some formats say it only at the end, which a line reads last: the browser, which looks there first, is
 * asked by an element that nobody hears.
 */

import type { Content, Item } from "../content";
import { clockOf } from "../marks";

export class Lengths {
  private readonly seconds = new Map<Item, number>();
  private readonly asked = new Set<Item>();
  private readonly closing = new AbortController();

  /** `told`: called when more is known. */
  constructor(
    private readonly content: Content,
    private readonly told: () => void,
  ) {}

  /** Seconds; NaN while that is not known. */
  of(item: Item): number {
    return this.seconds.get(item) ?? Number.NaN;
  }

  /** Finds it out, once. */
  ask(item: Item): void {
    if (this.asked.has(item)) return;
    this.asked.add(item);
    const { signal } = this.closing;
    const element = document.createElement("audio");
    const end = () => {
      element.removeAttribute("src");
      element.load();
    };
    element.preload = "metadata";
    element.addEventListener("loadedmetadata", () => {
      const { duration } = element;
      end();
      if (signal.aborted || !Number.isFinite(duration)) return;
      const clock = item.stretch ? clockOf(item.stretch, duration) : { begin: 0, end: duration };
      this.seconds.set(item, clock.end - clock.begin);
      this.told();
    });
    signal.addEventListener("abort", end, { once: true });
    // What is wrong with the recording is heard of when it plays.
    this.content.addressOf(item).then(
      (address) => {
        if (!signal.aborted) element.src = address;
      },
      () => {},
    );
  }

  close(): void {
    this.closing.abort();
  }
}
