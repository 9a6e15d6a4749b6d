/** The track's loudness behind the seek bar. Played and unplayed are the same path twice, cut where the needle is. */

import { createResource, Show } from "solid-js";
import { barsOf, fetchPeaks } from "../../lib/waveform";

/** Bars across; more would run together on a phone. */
const BARS = 96;
/** Share of its place that a bar fills. */
const WIDTH = 0.62;
/** Height of a bar in silence. */
const LEAST = 0.04;

export function Waveform(props: { readonly source: string }) {
  const [peaks] = createResource(
    () => props.source || undefined,
    (source) => fetchPeaks(source),
  );
  return (
    <Show when={!peaks.loading && peaks()}>
      {(found) => (
        <svg class="waveform" viewBox={`0 0 ${BARS} 2`} preserveAspectRatio="none" aria-hidden="true">
          <path class="waveform-rest" d={pathOf(barsOf(found(), BARS))} />
          <path class="waveform-played" d={pathOf(barsOf(found(), BARS))} />
        </svg>
      )}
    </Show>
  );
}

/** Bars around the middle line, which is at 1. */
function pathOf(bars: readonly number[]): string {
  const step = BARS / Math.max(1, bars.length);
  return bars
    .map((bar, at) => {
      const high = Math.max(LEAST, bar);
      return `M${(at * step).toFixed(2)} ${(1 - high).toFixed(3)}h${(step * WIDTH).toFixed(2)}v${(2 * high).toFixed(3)}h-${(step * WIDTH).toFixed(2)}z`;
    })
    .join("");
}
