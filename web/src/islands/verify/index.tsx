/** Checks records in the listener's browser: small marks in lists, a panel on a track's own page. */

import { render } from "solid-js/web";
import { all } from "../../lib/dom";
import { t } from "../../lib/messages";
import { readTrack, type Track } from "../../lib/tracks";
import { refuse } from "../../lib/trust";
import { verifyTrack, type Outcome } from "../../lib/verify";
import { VerifyPanel } from "./VerifyPanel";

export function mountVerifiers(root: HTMLElement): void {
  for (const place of all(root, "[data-island=verify]")) {
    const element = place.closest<HTMLElement>("[data-track]");
    const track = element ? readTrack(element) : undefined;
    if (!track) continue;
    place.textContent = "";
    render(() => <VerifyPanel track={track} judge={judged} />, place);
  }

  const inView = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting || !(entry.target instanceof HTMLElement)) continue;
        inView.unobserve(entry.target);
        void mark(entry.target);
      }
    },
    { rootMargin: "25%" },
  );
  for (const place of all(root, "[data-mark]")) inView.observe(place);
}

/** Checks a track; one that is found out is not played from here on. */
async function judged(track: Track): Promise<Outcome> {
  const outcome = await verifyTrack(track);
  if (outcome.state === "refused") refuse(track.key);
  return outcome;
}

/** Puts the verdict of one row into its mark. */
async function mark(place: HTMLElement) {
  const element = place.closest<HTMLElement>("[data-track]");
  const track = element ? readTrack(element) : undefined;
  if (!track) return;
  const outcome = await judged(track);
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
