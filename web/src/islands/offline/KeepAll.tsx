/** Keeps a list of tracks on this device: of a playlist, the likes, the queue. */

import { Show } from "solid-js";
import { t } from "../../lib/messages";
import { isKept } from "../../lib/offline/kept";
import type { Track } from "../../lib/tracks";
import { job, keepTracks, percentOf, stopKeeping } from "./keeping";

export function KeepAll(props: { readonly name: string; readonly tracks: readonly Track[] }) {
  const here = () => props.tracks.filter(({ key }) => isKept(key)).length;
  const mine = () => {
    const now = job();
    return now && props.tracks.some(({ key }) => key === now.track.key) ? now : undefined;
  };
  return (
    <Show when={props.tracks.length > 0}>
      <Show
        when={mine()}
        fallback={
          <Show when={here() < props.tracks.length} fallback={<span class="kept-all">{t().device.kept}</span>}>
            <button
              type="button"
              class="quiet"
              aria-label={t().device.keepAll(props.name)}
              onClick={() => void keepTracks(props.tracks)}
            >
              {t().device.keep}
            </button>
          </Show>
        }
      >
        {(now) => (
          <button type="button" class="quiet" onClick={() => void stopKeeping()}>
            {t().device.keeping(percentOf(now().progress), now().at, now().of)}
          </button>
        )}
      </Show>
    </Show>
  );
}
