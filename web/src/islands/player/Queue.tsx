/** The queue: jump, reorder by drag and by keys, remove, clear, save. */

import { For } from "solid-js";
import { announce } from "../../lib/dom";
import { createPlaylist, playlists } from "../../lib/library";
import { t } from "../../lib/messages";
import { named, type Player } from "../../lib/player";
import { clock } from "../../lib/time";
import { isRefused } from "../../lib/trust";
import type { Track } from "../../lib/tracks";
import { KeepAll } from "../offline/KeepAll";
import { Icon } from "./Icon";
import { ModeButtons } from "./ModeButtons";
import { showPanel } from "./panels";

export default function Queue(props: { readonly player: Player }) {
  const tracks = () => props.player.queue()?.tracks ?? [];
  const save = async () => {
    const name = t().library.defaultName(playlists().length + 1);
    await createPlaylist(name, tracks());
    announce(t().row.added(t().queue.count(tracks().length), name));
  };
  let list!: HTMLOListElement;
  return (
    <>
      <header class="panel-head">
        <h2>{t().queue.title}</h2>
        <span class="panel-count">{t().queue.count(tracks().length)}</span>
        <button type="button" class="icon" aria-label={t().bar.close} onClick={() => showPanel("queue", false)}>
          <Icon name="close" />
        </button>
      </header>
      <div class="queue-tools">
        <ModeButtons player={props.player} />
        <button type="button" class="quiet" onClick={() => void save()}>
          {t().queue.save}
        </button>
        <KeepAll name={t().queue.title} tracks={tracks()} />
        <button
          type="button"
          class="quiet"
          onClick={() => {
            props.player.clear();
            announce(t().queue.cleared);
          }}
        >
          {t().queue.clear}
        </button>
      </div>
      <ol class="queue" ref={list}>
        <For each={tracks()}>
          {(track, at) => <Entry player={props.player} track={track} at={at()} list={() => list} />}
        </For>
      </ol>
    </>
  );
}

interface EntryProps {
  readonly player: Player;
  readonly track: Track;
  readonly at: number;
  readonly list: () => HTMLOListElement;
}

function Entry(props: EntryProps) {
  const isCurrent = () => props.player.queue()?.index === props.at;
  const name = () => named(props.track);
  let grip!: HTMLButtonElement;

  const move = (to: number) => {
    const length = props.player.queue()?.tracks.length ?? 0;
    if (to < 0 || to >= length || to === props.at) return;
    props.player.moveEntry(props.at, to);
    // Taken out and put in elsewhere it has lost focus.
    grip.focus({ preventScroll: true });
  };
  const byKey = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(props.at + by);
    grip.scrollIntoView({ block: "nearest" });
    announce(t().queue.moved(name(), props.at + 1, props.player.queue()?.tracks.length ?? 0));
  };
  const byPointer = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.preventDefault();
    grip.focus({ preventScroll: true });
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- made for this drag, and taken away after it
    const follow = (moved: PointerEvent) => {
      const rows = [...props.list().children];
      const to = rows.findIndex((row) => moved.clientY < row.getBoundingClientRect().bottom);
      const place = to < 0 ? rows.length - 1 : to;
      // Not back and forth between rows of different heights: only past the middle of the other.
      const box = rows[place]!.getBoundingClientRect();
      const past = moved.clientY > box.top + box.height / 2;
      if ((place > props.at && past) || (place < props.at && !past)) move(place);
    };
    const stop = () => {
      document.removeEventListener("pointermove", follow);
      announce(t().queue.moved(name(), props.at + 1, props.player.queue()?.tracks.length ?? 0));
    };
    // On the document: the row itself is taken out and put in again while it moves.
    document.addEventListener("pointermove", follow);
    document.addEventListener("pointerup", stop, { once: true });
    document.addEventListener("pointercancel", stop, { once: true });
  };
  const remove = (event: MouseEvent) => {
    const row = (event.currentTarget as HTMLElement).closest("li");
    const beside = row?.nextElementSibling ?? row?.previousElementSibling;
    props.player.remove(props.at);
    announce(t().queue.removed(name()));
    beside?.querySelector<HTMLElement>(".queue-title")?.focus();
  };

  return (
    <li class="queue-row" aria-current={isCurrent() ? "true" : undefined} data-refused={isRefused(props.track.key) ? "" : undefined}>
      <button
        ref={grip}
        type="button"
        class="icon grip"
        aria-label={t().queue.move(name())}
        onKeyDown={byKey}
        onPointerDown={byPointer}
      >
        <Icon name="grip" />
      </button>
      <button
        type="button"
        class="queue-title"
        disabled={isRefused(props.track.key)}
        onClick={() => (isCurrent() ? props.player.toggle() : props.player.jump(props.at))}
      >
        <bdi>{props.track.title}</bdi>
        <bdi class="queue-artist">{props.track.artist}</bdi>
      </button>
      <span class="queue-length" aria-hidden="true">
        {clock(props.track.duration)}
      </span>
      <button
        type="button"
        class="icon"
        aria-label={t().queue.remove(name())}
        disabled={isCurrent()}
        onClick={remove}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
