/** What the pages show of this device: buttons that keep music on it, marks at tracks that are there, word of a newer version. */

import { createEffect, createRoot } from "solid-js";
import { addresses } from "../../lib/addresses";
import { all } from "../../lib/dom";
import { t } from "../../lib/messages";
import { isNewer, startApp, takeNewer } from "../../lib/offline/app";
import { isKept, openKept, shelf } from "../../lib/offline/kept";
import type { Player } from "../../lib/player";
import { readTracks, type Track } from "../../lib/tracks";
import { job, keepTracks, percentOf, removeTracks, stopKeeping } from "./keeping";
import { showNote } from "./note";

/** Ends what was begun for the page. */
let ends: (() => void)[] = [];

/** Once for the visit. */
export function startOffline(player: Player): void {
  startApp();
  void openKept().then(() => {
    // What was put under the needle before it was known that it is here.
    if (!player.isWanted()) player.askAgain();
  });
  createRoot(() => {
    let note: HTMLElement | undefined;
    createEffect(() => {
      // Nothing is loaded anew under music that plays, and nothing asks for it.
      if (isNewer() && !player.state.playing) {
        note ??= showNote({ text: t().device.newer, action: { label: t().device.reload, run: takeNewer } });
      } else {
        note?.remove();
        note = undefined;
      }
    });
    createEffect(() => {
      for (const link of all(document, "[data-text=device]")) {
        link.textContent = t().device.title;
        link.lang = t().code;
      }
    });
  });
}

/** Once for each page. */
export function mountKeeping(main: HTMLElement): void {
  for (const end of ends) end();
  const begun = createRoot((end) => {
    const tracks = readTracks(main);
    // A track's page lists its album below: there the button is about the one track.
    const cue = main.querySelector<HTMLElement>("[data-track][data-cue]");
    const own = cue ? tracks.filter(({ key }) => key === cue.dataset.track) : tracks;
    for (const button of all<HTMLButtonElement>(main, "button[data-keep]")) keepButton(button, own);
    for (const row of all(main, "li[data-track]")) markRow(row);
    if (cue?.hasAttribute("data-sealed")) offerShelved(cue);
    return end;
  });
  ends = [begun];
}

/** For a row that came into the page later. */
export function markKept(row: HTMLElement): void {
  ends.push(
    createRoot((end) => {
      markRow(row);
      return end;
    }),
  );
}

function keepButton(button: HTMLButtonElement, tracks: readonly Track[]) {
  const done = () => tracks.every(({ key }) => isKept(key));
  const mine = () => {
    const now = job();
    return now && tracks.some(({ key }) => key === now.track.key) ? now : undefined;
  };
  createEffect(() => {
    const now = mine();
    button.textContent = now ? t().device.keeping(percentOf(now.progress), now.at, now.of) : done() ? t().device.kept : t().device.keep;
    button.setAttribute("aria-pressed", String(done()));
    button.lang = t().code;
  });
  button.addEventListener("click", () => void (mine() ? stopKeeping() : done() ? removeTracks(tracks) : keepTracks(tracks)));
  button.hidden = tracks.length === 0;
}

function markRow(row: HTMLElement) {
  const key = row.dataset.track ?? "";
  const name = row.querySelector(".track-name");
  const mark = document.createElement("span");
  mark.className = "row-kept";
  createEffect(() => {
    if (!isKept(key)) return mark.remove();
    mark.textContent = t().device.kept;
    mark.lang = t().code;
    name?.append(mark);
  });
}

/** A sealed release that is on the shelf opens from there. */
function offerShelved(cue: HTMLElement) {
  const place = cue.querySelector(".listen");
  const link = document.createElement("a");
  link.className = "button shelved";
  createEffect(() => {
    const found = shelf().find(({ id }) => id === cue.dataset.cid);
    if (!found) return link.remove();
    link.href = `${addresses.fan.page}#shelf=${encodeURIComponent(found.id)}`;
    link.textContent = found.hasKey ? t().shelf.openHere : t().shelf.openWithKey;
    link.lang = t().code;
    place?.prepend(link);
  });
}
