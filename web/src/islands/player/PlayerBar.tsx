/** The bar at the foot of the page: what is under the needle, and everything that can be done to it. */

import { createEffect, createMemo, Show } from "solid-js";
import { announce } from "../../lib/dom";
import type { Player } from "../../lib/player";
import { clock, spokenProgress } from "../../lib/time";
import { nameOf, pageOf, type Track } from "../../lib/tracks";
import type { Sharing as SharingState } from "../../lib/together";
import { isRefused } from "../../lib/trust";
import { Icon } from "./Icon";
import { Sharing } from "./Sharing";
import { Slider } from "./Slider";
import { Volume } from "./Volume";

interface Props {
  readonly player: Player;
  readonly sharing: SharingState;
  /** The region the bar is in; hidden while there is nothing to play. */
  readonly place: HTMLElement;
}

export function PlayerBar(props: Props) {
  const current = createMemo(() => props.player.track());
  createEffect((open: boolean) => {
    const now = current() !== undefined;
    if (now !== open) {
      props.place.hidden = !now;
      document.documentElement.toggleAttribute("data-player", now);
    }
    return now;
  }, false);
  createEffect(() => {
    if (props.player.state.error !== undefined) announce(props.player.state.error);
  });
  return <Show when={current()}>{(track) => <Bar player={props.player} sharing={props.sharing} track={track()} />}</Show>;
}

function Bar(props: { readonly player: Player; readonly sharing: SharingState; readonly track: Track }) {
  const state = () => props.player.state;
  return (
    <div class="player-bar">
      <a class="player-cover" href={pageOf(props.track)} tabindex="-1" aria-hidden="true">
        <Show when={props.track.cover}>{(cover) => <img src={cover()} alt="" width="64" height="64" />}</Show>
      </a>
      <p class="player-title">
        <a href={pageOf(props.track)}>
          <bdi>{props.track.title}</bdi>
        </a>
        <Show
          when={state().error}
          fallback={
            <a class="player-artist" href={`/artist/${encodeURIComponent(props.track.did)}`}>
              <bdi>{props.track.artist}</bdi>
            </a>
          }
        >
          {(error) => <span class="player-error">{error()}</span>}
        </Show>
      </p>
      <div class="player-buttons">
        <button type="button" class="icon" aria-label="Previous track" onClick={() => props.player.previous()}>
          <Icon name="previous" />
        </button>
        <button
          type="button"
          class="play"
          data-playing={state().playing ? "" : undefined}
          data-waiting={state().waiting ? "" : undefined}
          disabled={isRefused(props.track.key)}
          aria-label={`${state().playing ? "Pause" : "Play"} ${nameOf(props.track)}`}
          onClick={() => props.player.toggle()}
        >
          <span class="glyph" aria-hidden="true" />
        </button>
        <button
          type="button"
          class="icon"
          aria-label="Next track"
          disabled={!props.player.hasNext()}
          onClick={() => props.player.next()}
        >
          <Icon name="next" />
        </button>
      </div>
      <div class="player-seek">
        <span class="player-time" aria-hidden="true">
          {clock(state().position)}
        </span>
        <Slider
          label="Position"
          max={Number.isFinite(state().duration) ? state().duration : 0}
          step={1}
          page={15}
          value={state().position}
          text={spokenProgress(state().position, state().duration)}
          disabled={!Number.isFinite(state().duration)}
          onInput={(seconds) => props.player.seek(seconds)}
        />
        <span class="player-time" aria-hidden="true">
          {clock(state().duration)}
        </span>
      </div>
      <Sharing sharing={props.sharing} />
      <Volume player={props.player} />
    </div>
  );
}
