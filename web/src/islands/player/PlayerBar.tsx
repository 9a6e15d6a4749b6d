/** The bar at the foot of the page: what is under the needle, and everything that can be done to it. */

import { createEffect, createMemo, Match, Show, Switch } from "solid-js";
import { announce } from "../../lib/dom";
import { isLiked } from "../../lib/library";
import { t } from "../../lib/messages";
import { named, type Player } from "../../lib/player";
import { clock, spokenProgress } from "../../lib/time";
import type { Sharing as SharingState } from "../../lib/together";
import { pageOf, type Track } from "../../lib/tracks";
import { isRefused } from "../../lib/trust";
import { Icon } from "./Icon";
import { late } from "./late";
import { ModeButtons } from "./ModeButtons";
import { panel, setSheet, sheet, showPanel } from "./panels";
import { Popover } from "./Popover";
import { like } from "./rows";
import { Sharing } from "./Sharing";
import { Slider } from "./Slider";
import { Volume } from "./Volume";
import { Waveform } from "./Waveform";

const Queue = late(() => import("./Queue"));
const Lyrics = late(() => import("./Lyrics"));
const More = late(() => import("./More"));
const Share = late(() => import("./Share"));
const Keys = late(() => import("./Keys"));
const Library = late(() => import("./Library"));

const close = () => setSheet(undefined);

interface Props {
  readonly player: Player;
  readonly sharing: SharingState | undefined;
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
    const said = props.player.state.error ?? props.player.state.notice;
    if (said !== undefined) announce(said);
  });
  createEffect(() => {
    props.place.lang = t().code;
    props.place.setAttribute("aria-label", t().bar.region);
  });
  return (
    <>
      <Show when={current()}>{(track) => <Bar player={props.player} sharing={props.sharing} track={track()} />}</Show>
      <Switch>
        <Match when={sheet() === "share" && current()}>
          {(track) => <Share player={props.player} track={track()} onClose={close} />}
        </Match>
        <Match when={sheet() === "keys"}>
          <Keys onClose={close} />
        </Match>
        <Match when={sheet() === "library"}>
          <Library player={props.player} onClose={close} />
        </Match>
      </Switch>
    </>
  );
}

function Bar(props: { readonly player: Player; readonly sharing: SharingState | undefined; readonly track: Track }) {
  const state = () => props.player.state;
  const name = () => named(props.track);
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
          when={state().error ?? state().notice}
          fallback={
            <a class="player-artist" href={`/artist/${encodeURIComponent(props.track.did)}`}>
              <bdi>{props.track.artist}</bdi>
            </a>
          }
        >
          {(said) => <span class={state().error === undefined ? "player-notice" : "player-error"}>{said()}</span>}
        </Show>
      </p>
      <div class="player-buttons">
        <button type="button" class="icon" aria-label={t().bar.previous} onClick={() => props.player.previous()}>
          <Icon name="previous" />
        </button>
        <button
          type="button"
          class="play"
          data-playing={state().playing ? "" : undefined}
          data-waiting={state().waiting ? "" : undefined}
          disabled={isRefused(props.track.key)}
          aria-label={state().playing ? t().bar.pause(name()) : t().bar.play(name())}
          onClick={() => props.player.toggle()}
        >
          <span class="glyph" aria-hidden="true" />
        </button>
        <button
          type="button"
          class="icon"
          aria-label={t().bar.next}
          disabled={!props.player.hasNext()}
          onClick={() => props.player.next()}
        >
          <Icon name="next" />
        </button>
      </div>
      <div class="player-seek" dir="ltr">
        <span class="player-time" aria-hidden="true">
          {clock(state().position)}
        </span>
        <span class="seek-groove">
          <Waveform source={props.track.waveform} />
          <Slider
            label={t().bar.position}
            max={Number.isFinite(state().duration) ? state().duration : 0}
            step={1}
            page={15}
            value={state().position}
            text={spokenProgress(state().position, state().duration)}
            disabled={!Number.isFinite(state().duration)}
            endOnRelease
            onInput={(seconds) => props.player.seek(seconds)}
          />
        </span>
        <span class="player-time" aria-hidden="true">
          {clock(state().duration)}
        </span>
      </div>
      <div class="player-extras">
        <ModeButtons player={props.player} />
        <button
          type="button"
          class="icon player-heart"
          aria-label={t().row.like(name())}
          aria-pressed={isLiked(props.track.key)}
          onClick={() => void like(props.track)}
        >
          <Icon name={isLiked(props.track.key) ? "hearted" : "heart"} />
        </button>
        <Show when={props.track.lyrics}>
          <Popover
            icon="lyrics"
            class="lyrics"
            label={t().menu.lyrics}
            stays
            open={panel() === "lyrics"}
            onOpen={(open) => showPanel("lyrics", open)}
          >
            <Lyrics player={props.player} />
          </Popover>
        </Show>
        <Popover
          icon="queue"
          class="queue-popover"
          label={t().queue.title}
          stays
          open={panel() === "queue"}
          onOpen={(open) => showPanel("queue", open)}
        >
          <Queue player={props.player} />
        </Popover>
        <Show when={props.sharing}>{(sharing) => <Sharing sharing={sharing()} />}</Show>
        <Popover
          icon="more"
          class="more-popover"
          label={t().bar.more}
          open={panel() === "more"}
          onOpen={(open) => showPanel("more", open)}
        >
          <More player={props.player} />
        </Popover>
      </div>
      <Volume player={props.player} />
    </div>
  );
}
