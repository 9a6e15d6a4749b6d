/**
 * Whether the listener wants to listen together with others, and what comes of it. Nothing of it is loaded, and nobody but
 * the node is asked for anything, before the listener has agreed; the word is remembered in this browser.
 */

import { createEffect, createRoot, createSignal, untrack } from "solid-js";
import type { Report, Together } from "../swarm";
import { togetherAt } from "../swarm/road";
import { addresses } from "./addresses";
import { isKept } from "./offline/kept";
import { roadOf } from "./offline/road";
import type { Player } from "./player";
import { isAgreed, rememberAgreed } from "./settings";
import { audioOf, type Track } from "./tracks";

/** Why this browser cannot, whatever the listener wants. */
export type Obstacle = "no-webrtc" | "insecure";

export type Sharing = ReturnType<typeof createSharing>;

const NAME = "together";

/** Where tracks come from when others may bring them. */
const fromOthers = (track: Track) => (isKept(track.key) ? roadOf(track) : togetherAt(audioOf(track)));

export function createSharing(player: Player) {
  const obstacle = obstacleHere();
  const [agreed, setAgreed] = createSignal(obstacle === undefined && isAgreed(NAME));
  const [report, setReport] = createSignal<Report>();
  let running: Promise<Together | undefined> = Promise.resolve(undefined);

  let together: Together | undefined;
  // What is to be played is begun at once, not at its next look.
  createRoot(() =>
    createEffect(() => {
      if (player.state.playing && player.track()) untrack(() => together?.look());
    }),
  );

  const start = () => {
    running = running.then(async () => {
      const { Together } = await import("../swarm");
      if (!agreed()) return undefined;
      const { track: current, upcoming, isWanted, buffered, state } = player;
      const listening = { current, upcoming, isWanted, buffered, position: () => state.position, duration: () => state.duration };
      together = new Together(listening, (news) => {
        if (!agreed()) return;
        // From here on the worker answers. A track that plays is taken over where it is.
        if (news.state === "on" && report()?.state !== "on") player.takeFrom(fromOthers, true);
        setReport(news);
      });
      return together;
    });
    // The script did not load: the track plays from the node all the same, and the next visit tries again.
    running = running.catch(() => undefined);
  };
  const stop = () => {
    setReport(undefined);
    // What plays goes on: the worker takes it from the node.
    player.takeFrom(roadOf, false);
    together = undefined;
    running = running.then(async (began) => {
      await began?.stop();
      return undefined;
    });
  };
  if (agreed()) {
    // On a later visit the worker is there before the page, and needs nobody else for a beginning.
    if (isControlled()) player.takeFrom(fromOthers, true);
    start();
  }

  return {
    obstacle,
    agreed,
    /** `undefined` until something is known. */
    report,
    set(wanted: boolean) {
      if (obstacle !== undefined || wanted === agreed()) return;
      rememberAgreed(NAME, wanted);
      setAgreed(wanted);
      if (wanted) start();
      else stop();
    },
  };
}

const isControlled = (): boolean => {
  const { controller } = navigator.serviceWorker;
  return controller !== null && new URL(controller.scriptURL).pathname === addresses.worker.script;
};

/** Service workers and the browser's own SHA-1 exist over https, and on the machine itself. */
function obstacleHere(): Obstacle | undefined {
  if (typeof RTCPeerConnection === "undefined") return "no-webrtc";
  if (!isSecureContext || !("serviceWorker" in navigator)) return "insecure";
  return undefined;
}
