/** Checks records in the listener's browser: small marks in lists, a panel on a track's own page. */

import { createEffect, createRoot } from "solid-js";
import { render } from "solid-js/web";
import { all } from "../../lib/dom";
import { t } from "../../lib/messages";
import type { Player } from "../../lib/player";
import { readTrack, type Track } from "../../lib/tracks";
import { refuse } from "../../lib/trust";
import { isJudged, verifyTrack, type Outcome } from "../../lib/verify";
import { VerifyPanel } from "./VerifyPanel";

/** Milliseconds after a row came into view until it is checked, if it is there still: results that the next key replaces are not. */
const REST = 300;

/** Ends the panels of the page that was shown: the language would keep them, and the page with them. */
let ends: (() => void)[] = [];

/** Once for each page: its panel, and the marks of its rows. */
export function mountVerifiers(main: HTMLElement): void {
  for (const end of ends) end();
  ends = all(main, "[data-island=verify]").flatMap((place) => {
    const element = place.closest<HTMLElement>("[data-track]");
    const track = element ? readTrack(element) : undefined;
    if (!track) return [];
    place.textContent = "";
    return render(() => <VerifyPanel track={track} judge={(shown) => judged(shown)} />, place);
  });
  mountMarks(main);
}

/** The marks of rows; also of those that came into the page later. */
export function mountMarks(part: HTMLElement): void {
  for (const place of all(part, "[data-mark]")) {
    // What is known is there from the beginning.
    if (isJudged(place.closest<HTMLElement>("[data-track]")?.dataset.track ?? "")) void mark(place);
    else inView().observe(place);
  }
}

let observer: IntersectionObserver | undefined;

/** Checks rows that come into view, or almost. */
function inView(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries, self) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || !(target instanceof HTMLElement)) continue;
        self.unobserve(target);
        setTimeout(() => target.isConnected && void mark(target), REST);
      }
    },
    { rootMargin: "25%" },
  );
  return observer;
}

/** Checks a track; one that is found out is not played from here on. */
async function judged(track: Track, wanted?: () => boolean): Promise<Outcome> {
  const outcome = await verifyTrack(track, wanted);
  if (outcome.state === "refused") refuse(track.key);
  return outcome;
}

/** Checks what plays, wherever its row has gone meanwhile. Once for the visit. */
export function checkWhatPlays(player: Player): void {
  createRoot(() => {
    createEffect(() => {
      const track = player.track();
      if (track && player.state.playing) void judged(track);
    });
  });
}

/** Puts the verdict of one row into its mark. */
async function mark(place: HTMLElement) {
  const element = place.closest<HTMLElement>("[data-track]");
  const track = element ? readTrack(element) : undefined;
  if (!track) return;
  const outcome = await judged(track, () => place.isConnected);
  place.dataset.mark = outcome.state;
  place.lang = t().code;
  switch (outcome.state) {
    case "verified":
      place.textContent = t().verify.verified;
      place.title = t().verify.mark;
      break;
    case "refused":
      place.textContent = t().verify.refusedFor(outcome.reason());
      break;
    case "unchecked":
      place.title = outcome.reason();
      break;
  }
}
