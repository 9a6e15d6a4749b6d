/**
 * The beginning of the track that is likely to be played next, fetched before it is asked for: by a second media element that
 * nobody hears. It reads what a player needs to begin (for Ogg also the end of the file), and the browser then has that in
 * memory for the player's own element, so that the next track sounds without a round trip.
 */

/** What a browser tells of its line, where it does. */
interface Line {
  readonly connection?: { readonly saveData?: boolean };
}

export class Ahead {
  private element: HTMLAudioElement | undefined;

  /** Begins to fetch what is at `source`, and nothing else any more. */
  fetch(source: string): void {
    if ((navigator as Line).connection?.saveData) return;
    if (this.element?.getAttribute("src") === source) return;
    const element = (this.element ??= document.createElement("audio"));
    element.preload = "metadata";
    element.setAttribute("src", source);
  }

  /** Lets go of the connection; what was fetched stays in the browser's memory for a while. */
  stop(): void {
    if (!this.element?.hasAttribute("src")) return;
    this.element.removeAttribute("src");
    this.element.load();
  }
}
