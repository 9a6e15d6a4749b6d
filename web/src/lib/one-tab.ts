/** Music in one tab at a time: whoever begins tells the others, and they pause. */

const CHANNEL = "opensound.player";

/** Calls `paused` when another tab of this origin has begun to play. Gives what this tab says when it begins. */
export function oneTabPlays(paused: () => void): () => void {
  if (typeof BroadcastChannel === "undefined") return () => {};
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", ({ data }) => {
    if (data === "playing") paused();
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
  return () => channel.postMessage("playing");
}
