/** The page of this device, from top to bottom. */

import { For, Show } from "solid-js";
import { bytes } from "../../lib/format";
import { t } from "../../lib/messages";
import { canInstall, install } from "../../lib/offline/app";
import type { Kept } from "../../lib/offline/index-of";
import { kept } from "../../lib/offline/kept";
import { named, type Player } from "../../lib/player";
import { pageOf } from "../../lib/tracks";
import { removeTracks } from "../offline/keeping";
import { Icon } from "../player/Icon";
import { Lists } from "../player/Library";
import { Room } from "./Room";
import { Shelf } from "./Shelf";

interface Props {
  readonly player: Player;
  /** It stands in for a page that cannot be had. */
  readonly isOffline: boolean;
}

export function Device(props: Props) {
  return (
    <>
      <Show when={props.isOffline}>
        <p class="device-words">
          {t().device.offlineText} {t().device.offlineHint}
        </p>
      </Show>
      <Room />
      <Tracks player={props.player} />
      <Shelf />
      <section class="device-part library" aria-label={t().device.lists}>
        <h2>{t().device.lists}</h2>
        <Lists player={props.player} />
      </section>
      <Show when={canInstall()}>
        <p class="device-install">
          <button type="button" class="button" onClick={() => void install()}>
            {t().device.install}
          </button>
          <span>{t().device.installNote}</span>
        </p>
      </Show>
    </>
  );
}

const tracks = () => kept().map(({ track }) => track);

function Tracks(props: { readonly player: Player }) {
  return (
    <section class="device-part" aria-label={t().device.tracks}>
      <header class="device-head">
        <h2>{t().device.tracks}</h2>
        <span class="panel-count">{t().queue.count(kept().length)}</span>
        <Show when={kept()[0]}>
          {(first) => (
            <button type="button" class="quiet" onClick={() => props.player.start(first().track, tracks())}>
              {t().device.playAll}
            </button>
          )}
        </Show>
        <Show when={kept().length > 0}>
          <button type="button" class="quiet" onClick={() => void removeTracks(tracks())}>
            {t().device.removeEverything}
          </button>
        </Show>
      </header>
      <Show when={kept().length > 0} fallback={<p class="library-note">{t().device.none}</p>}>
        <ul class="device-tracks">
          <For each={kept()}>{(entry) => <Row player={props.player} entry={entry} />}</For>
        </ul>
        <p class="library-note">{t().device.note}</p>
      </Show>
    </section>
  );
}

function Row(props: { readonly player: Player; readonly entry: Kept }) {
  const { track, size } = props.entry;
  const playing = () => props.player.track()?.key === track.key && props.player.state.playing;
  const start = () => {
    if (props.player.track()?.key === track.key) props.player.toggle();
    else props.player.start(track, tracks());
  };
  return (
    <li class="device-track">
      <Show when={track.cover} fallback={<span class="device-cover" />}>
        <img class="device-cover" src={track.cover} alt="" width="56" height="56" loading="lazy" />
      </Show>
      <button
        type="button"
        class="play"
        data-playing={playing() ? "" : undefined}
        aria-label={playing() ? t().bar.pause(named(track)) : t().bar.play(named(track))}
        onClick={start}
      >
        <span class="glyph" aria-hidden="true" />
      </button>
      <a class="queue-title" href={pageOf(track)}>
        <bdi>{track.title}</bdi>
        <bdi class="queue-artist">{track.artist}</bdi>
      </a>
      <span class="device-size">{bytes(size)}</span>
      <button type="button" class="icon" aria-label={t().device.removeOne(named(track))} onClick={() => void removeTracks([track])}>
        <Icon name="close" />
      </button>
    </li>
  );
}
