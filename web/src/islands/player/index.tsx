/** The player: one bar and one `<audio>` for the whole visit, and the play buttons of each page. */

import { createEffect, createRoot, on } from "solid-js";
import { render } from "solid-js/web";
import { addresses } from "../../lib/addresses";
import { secondsOf } from "../../lib/at-time";
import { PlainDeck } from "../../lib/deck/plain";
import { announce } from "../../lib/dom";
import { canJoin } from "../../lib/gapless/can-join";
import { GaplessDeck } from "../../lib/gapless/deck";
import { commandOf, type Command } from "../../lib/keys";
import { openLibrary } from "../../lib/library";
import { connectMediaSession } from "../../lib/media-session";
import { startLanguage, t } from "../../lib/messages";
import { oneTabPlays } from "../../lib/one-tab";
import { createPlayer, type Player } from "../../lib/player";
import { remembered } from "../../lib/settings";
import { createSharing } from "../../lib/together";
import { readTrack, readTracks } from "../../lib/tracks";
import { isRefused } from "../../lib/trust";
import { connectMoreButtons, connectPlayButtons } from "./buttons";
import { keepSession } from "./keeping";
import { panel, setSheet, showPanel } from "./panels";
import { PlayerBar } from "./PlayerBar";
import { like } from "./rows";

/** Seconds that the arrow keys move. */
const STEP = 5;
/** Seconds that J and L move. */
const FAR = 10;

/** Makes the player, taking over the `<audio>` the server rendered if this page has one. */
export function startPlayer(): Player {
  startLanguage();
  const audio = document.querySelector("audio") ?? document.createElement("audio");
  const player = createPlayer(canJoin() ? new GaplessDeck(audio) : new PlainDeck(audio));
  const place = document.querySelector<HTMLElement>("[data-island=player]");
  if (place) {
    // Others are met at a node.
    const sharing = addresses.isFiles ? undefined : createSharing(player);
    keepSession(player);
    render(() => <PlayerBar player={player} sharing={sharing} place={place} />, place);
    audio.removeAttribute("controls");
    audio.preload = "metadata";
    place.append(audio);
  }
  const begins = oneTabPlays(() => player.giveWay(t().said.otherTab));
  createRoot(() => {
    connectMediaSession(player);
    createEffect(() => {
      const track = player.track();
      if (track && isRefused(track.key)) player.drop(track.key);
    });
    createEffect(on(() => player.state.playing, (playing) => playing && begins()));
  });
  document.addEventListener("keydown", (event) => steer(player, event));
  // Nobody waits for it.
  void openLibrary();
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
  if (!track) return;
  const at = secondsOf(new URL(location.href).searchParams.get("t"));
  // Who follows an address at a time wants to hear that, whatever is under the needle.
  if (at !== undefined) player.start(track, readTracks(main), at);
  else if (!player.isInUse()) player.cue(track, readTracks(main));
}

/** Wires a row that came into the page later. */
export function adoptRow(player: Player, row: HTMLElement): void {
  const main = row.closest("main");
  if (main) connectMoreButtons(player, row, main);
}

function steer(player: Player, event: KeyboardEvent) {
  const command = commandOf(event, remembered("signs", 1) === 1);
  if (!command || !(run(player, command) ?? true)) return;
  event.preventDefault();
}

/** Does what a key asks for; `false` when there is nothing to do it to. */
function run(player: Player, command: Command): boolean | void {
  switch (command) {
    case "search":
      return document.querySelector<HTMLElement>("input[name=q]")?.focus();
    case "help":
      return setSheet("keys") && undefined;
  }
  const track = player.track();
  if (!track) return false;
  switch (command) {
    case "toggle":
      return player.toggle();
    case "back":
      return player.seek(player.state.position - STEP);
    case "forward":
      return player.seek(player.state.position + STEP);
    case "far-back":
      return player.seek(player.state.position - FAR);
    case "far-forward":
      return player.seek(player.state.position + FAR);
    case "mute":
      player.toggleMute();
      return announce(t().said.muted(player.state.muted));
    case "next":
      return player.next();
    case "previous":
      return player.previous();
    case "shuffle":
      return player.toggleShuffle();
    case "repeat":
      return player.cycleRepeat();
    case "slower":
      return player.stepRate(-1);
    case "faster":
      return player.stepRate(1);
    case "queue":
      return showPanel("queue", panel() !== "queue");
    case "like":
      return void like(track);
  }
}
