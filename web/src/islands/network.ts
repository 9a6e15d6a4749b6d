/**
 * What the network has, below what the node has: rows that the server renders, as it finds them. Screen readers hear of it
 * once, at the end. Without JavaScript the section holds a link to the same results on a page that waits for them.
 *
 *     <section data-network="/search/events?q=…">
 *       <p data-network-status> <ol data-network-rows> <li data-id="osp:track:…"> … <span data-held>
 */

import { all, announce } from "../lib/dom";
import { t } from "../lib/messages";
import { rowsOf } from "../lib/tracks";

/** Milliseconds without a key press before others are asked: half a word is nobody's business. */
const PAUSE = 700;

/** An event's data; which members there are depends on the event. */
interface Told {
  readonly id?: string;
  readonly html?: string;
  readonly before?: string | null;
  readonly text?: string;
}

let source: EventSource | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Searches the network for this page, if it offers that; the search of the page before ends. */
export function mountNetwork(main: HTMLElement, adopt: (row: HTMLElement) => void): void {
  source?.close();
  clearTimeout(timer);
  const section = main.querySelector<HTMLElement>("[data-network]");
  const address = section?.dataset.network;
  if (!section || !address) return;
  const typing = document.activeElement instanceof HTMLInputElement && document.activeElement.type === "search";
  timer = setTimeout(() => listen(section, address, adopt), typing ? PAUSE : 0);
}

function listen(section: HTMLElement, address: string, adopt: (row: HTMLElement) => void) {
  const status = section.querySelector<HTMLElement>("[data-network-status]");
  const rows = section.querySelector<HTMLElement>("[data-network-rows]");
  if (!status || !rows) return;
  const offer = [...status.childNodes];
  status.textContent = t().network.searching;
  section.setAttribute("aria-busy", "true");
  const events = new EventSource(address);
  source = events;
  const on = (name: string, act: (told: Told) => void) =>
    events.addEventListener(name, (event: MessageEvent<string>) => act(JSON.parse(event.data) as Told));
  const end = () => {
    events.close();
    section.removeAttribute("aria-busy");
  };

  on("row", ({ id, html, before }) => {
    const [row] = rowsOf(html ?? "");
    if (!row || !id || find(rows, id)) return;
    rows.insertBefore(row, before ? find(rows, before) : null);
    adopt(row);
  });
  on("held", ({ id, text }) => {
    const held = id ? find(rows, id)?.querySelector("[data-held]") : null;
    if (held) held.textContent = text ?? "";
  });
  on("gone", ({ id }) => {
    if (id) find(rows, id)?.remove();
  });
  on("done", ({ text }) => {
    end();
    status.textContent = text ?? "";
    announce(status.textContent);
  });
  // It would begin anew by itself, and cost others another search.
  events.addEventListener("error", () => {
    end();
    const some = rows.childElementCount > 0 ? t().network.brokeOff : t().network.failed;
    status.replaceChildren(some, ...offer);
    announce(some);
  });
}

/** The row of a track. */
function find(rows: HTMLElement, id: string): HTMLElement | null {
  return all(rows, "[data-id]").find((row) => row.dataset.id === id) ?? null;
}
