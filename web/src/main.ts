/** What the pages need from JavaScript: every island is mounted on elements that the server rendered. */

import "./styles/main.css";
import { addresses, settleLinks } from "./lib/addresses";
import { mountCopyButtons } from "./islands/copy";
import { mountLanguage } from "./islands/language";
import { mountNetwork } from "./islands/network";
import { adoptPage, adoptRow, startPlayer } from "./islands/player";
import { mountLibrary } from "./islands/library/mount";
import { markKept, mountKeeping, startOffline } from "./islands/offline";
import { mountSearch } from "./islands/search";
import { mountUnlocking } from "./islands/unlock";
import { checkWhatPlays, mountMarks, mountVerifiers } from "./islands/verify";
import { showAgain, takeOverNavigation } from "./lib/navigate";

const player = startPlayer();
startOffline(player);
checkWhatPlays(player);

/** Brings one `<main>` to life: the first one, and each that replaces it. */
function mount(main: HTMLElement) {
  adoptPage(player, main);
  mountVerifiers(main);
  mountCopyButtons(main);
  mountUnlocking(main);
  mountKeeping(main);
  mountLibrary(player, main);
  mountNetwork(main, adopt);
  if (addresses.isFiles) mountFound(main);
}

/** Brings a row to life that came into the page later. */
function adopt(row: HTMLElement) {
  adoptRow(player, row);
  mountMarks(row);
  markKept(row);
}

/** Plain files have no search of their own: the page looks through an index. */
function mountFound(page: HTMLElement) {
  const place = page.querySelector<HTMLElement>("[data-search-index]");
  if (!place) return;
  void import("./lib/site-search").then(({ showFound }) => showFound(place, adopt));
}

settleLinks();

mountSearch();
mountLanguage(showAgain);
takeOverNavigation(mount, adopt);
// In a task of its own: a slow phone paints and listens in between.
setTimeout(() => {
  const main = document.querySelector("main");
  if (main) mount(main);
});
