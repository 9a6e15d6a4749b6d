/** Milliseconds that work waits at most for a moment without other work. */
const BUSY_MS = 1000;

/** Resolves when the page has nothing else to do, or has been busy for long. Safari does not know when that is. */
export const leisure = (): Promise<unknown> =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(resolve, { timeout: BUSY_MS });
    else setTimeout(resolve, BUSY_MS / 4);
  });
