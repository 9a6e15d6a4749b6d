/** Notices music that should sound and does not. */

/** `HTMLMediaElement.HAVE_FUTURE_DATA`. */
const HAS_NEXT = 3;

/**
 * Calls `stuck` when an element that is to play has stood still for lack of bytes for `patience` milliseconds, and again each
 * time that as much time has passed without a change.
 */
export function watchStill(audio: HTMLMediaElement, patience: number, stuck: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let at = Number.NaN;
  const wait = () => {
    clearTimeout(timer);
    timer = undefined;
    if (audio.paused || audio.ended) return;
    at = audio.currentTime;
    timer = setTimeout(() => {
      const isStill = !audio.paused && !audio.ended && audio.currentTime === at && audio.readyState < HAS_NEXT;
      wait();
      if (isStill) stuck();
    }, patience);
  };
  // Each of them may be the last that is heard of an element for long.
  for (const event of ["play", "waiting", "emptied", "seeking", "playing", "pause"]) audio.addEventListener(event, wait);
}
