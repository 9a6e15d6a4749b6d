/** The player: one bar and one `<audio>` for the whole visit, and the play buttons of each page. */

import { createEffect, createRoot } from "solid-js";
import { render } from "solid-js/web";
import { commandOf } from "../../lib/keys";
import { connectMediaSession } from "../../lib/media-session";
import { PlainDeck } from "../../lib/deck/plain";
import { canJoin, GaplessDeck } from "../../lib/gapless/deck";
import { createPlayer, type Player } from "../../lib/player";
import { createSharing } from "../../lib/together";
import { readTrack, readTracks } from "../../lib/tracks";
import { isRefused } from "../../lib/trust";
import { connectMoreButtons, connectPlayButtons } from "./buttons";
import { PlayerBar } from "./PlayerBar";

/** Seconds that the arrow keys move. */
const STEP = 5;

/** Makes the player, taking over the `<audio>` the server rendered if this page has one. */
export function startPlayer(): Player {
  const audio = document.querySelector("audio") ?? document.createElement("audio");
  const player = createPlayer(canJoin() ? new GaplessDeck(audio) : new PlainDeck(audio));
  const place = document.querySelector<HTMLElement>("[data-island=player]");
  if (place) {
    const sharing = createSharing(player);
    render(() => <PlayerBar player={player} sharing={sharing} place={place} />, place);
    audio.removeAttribute("controls");
    audio.preload = "metadata";
    place.append(audio);
  }
  createRoot(() => {
    connectMediaSession(player);
    createEffect(() => {
      const track = player.track();
      if (track && isRefused(track.key)) player.drop(track.key);
    });
  });
  document.addEventListener("keydown", (event) => steer(player, event));
  return player;
}

/** Wires one `<main>`: its play buttons; on a track's page its track is put under the needle. */
export function adoptPage(player: Player, main: HTMLElement): void {
  // The player has its own element; a second one would be a second player.
  for (const audio of main.querySelectorAll("audio")) audio.remove();
  for (const hint of main.querySelectorAll("[data-without-script]")) hint.remove();
  connectPlayButtons(player, main);
  const own = main.querySelector<HTMLElement>("[data-track][data-cue]:not([data-sealed])");
  const track = own ? readTrack(own) : undefined;
  if (track && !player.isInUse()) player.cue(track, readTracks(main));
}

/** Wires a row that came into the page later. */
export function adoptRow(player: Player, row: HTMLElement): void {
  const main = row.closest("main");
  if (main) connectMoreButtons(player, row, main);
}

function steer(player: Player, event: KeyboardEvent) {
  const command = commandOf(event);
  if (!command || !player.track()) return;
  event.preventDefault();
  switch (command) {
    case "toggle":
      return player.toggle();
    case "back":
      return player.seek(player.state.position - STEP);
    case "forward":
      return player.seek(player.state.position + STEP);
    case "mute":
      return player.toggleMute();
    case "next":
      return player.next();
    case "previous":
      return player.previous();
  }
}
