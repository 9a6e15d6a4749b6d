/** What stands beside every track in the lists of a page: a heart, and a menu. */

import { createEffect } from "solid-js";
import { addresses } from "../../lib/addresses";
import { announce } from "../../lib/dom";
import { addToPlaylist, createPlaylist, isLiked, playlists, toggleLike } from "../../lib/library";
import { openMenu, type Item } from "../../lib/menu";
import { t } from "../../lib/messages";
import { isKept } from "../../lib/offline/kept";
import { named, type Player } from "../../lib/player";
import type { Track } from "../../lib/tracks";
import { keepTracks, removeTracks } from "../offline/keeping";

/** Likes a track or no longer, and says so. */
export async function like(track: Track): Promise<void> {
  const liked = await toggleLike(track);
  announce(liked ? t().row.liked(named(track)) : t().row.unliked(named(track)));
}

/** Adds heart and menu to a row; call it inside a reactive root. */
export function addRowActions(player: Player, row: HTMLElement, track: Track): void {
  const place = document.createElement("span");
  place.className = "row-actions";
  const heart = button("row-heart");
  heart.addEventListener("click", () => void like(track));
  const more = button("row-more");
  more.setAttribute("aria-haspopup", "menu");
  more.setAttribute("aria-expanded", "false");
  more.addEventListener("click", () => openMenu(more, t().row.menu(named(track)), itemsOf(player, track)));
  createEffect(() => {
    heart.setAttribute("aria-label", t().row.like(named(track)));
    heart.setAttribute("aria-pressed", String(isLiked(track.key)));
    more.setAttribute("aria-label", t().row.menu(named(track)));
    place.lang = t().code;
  });
  place.append(heart, more);
  row.append(place);
}

function button(name: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `icon ${name}`;
  return made;
}

/** Keeps it on this device, or no longer. */
const onDevice = (track: Track): Item =>
  isKept(track.key)
    ? { label: t().device.remove, run: () => void removeTracks([track]) }
    : { label: t().device.keep, run: () => void keepTracks([track]) };

function itemsOf(player: Player, track: Track): Item[] {
  const add = (where: "next" | "last") => () => {
    player.add([track], where);
    announce((where === "next" ? t().queue.addedNext : t().queue.addedLast)(named(track)));
  };
  const fresh = async () => {
    const name = t().library.defaultName(playlists().length + 1);
    await createPlaylist(name, [track]);
    announce(t().row.added(named(track), name));
  };
  const into = (id: string, name: string) => async () => {
    await addToPlaylist(id, track);
    announce(t().row.added(named(track), name));
  };
  return [
    // Where there is no room for the heart.
    { label: isLiked(track.key) ? t().row.unlike : t().row.like(named(track)), run: () => void like(track) },
    { label: t().queue.next, run: add("next") },
    { label: t().queue.last, run: add("last") },
    ...(addresses.isFiles ? [] : [onDevice(track)]),
    ...playlists()
      .slice(0, 12)
      .map(({ id, name }) => ({ label: t().row.addTo(name), run: () => void into(id, name)() })),
    { label: t().row.newPlaylist, run: () => void fresh() },
  ];
}
