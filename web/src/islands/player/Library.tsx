/** What the listener keeps: likes, playlists, what was played lately. */

import { For, Show, type JSX } from "solid-js";
import { announce } from "../../lib/dom";
import {
  createPlaylist,
  deletePlaylist,
  forgetPlayed,
  isOff,
  likes,
  moveInPlaylist,
  playlists,
  recent,
  renamePlaylist,
  takeOut,
  toggleLike,
  type Playlist,
} from "../../lib/library";
import { json, m3u8, save } from "../../lib/library/export";
import { t } from "../../lib/messages";
import { named, type Player } from "../../lib/player";
import { clock } from "../../lib/time";
import { pageOf, type Track } from "../../lib/tracks";
import { KeepAll } from "../offline/KeepAll";
import { Icon } from "./Icon";
import { setSheet } from "./panels";
import Sheet from "./Sheet";

interface Props {
  readonly player: Player;
  readonly onClose: () => void;
}

export default function Library(props: Props) {
  return (
    <Sheet title={t().library.title} class="library" onClose={props.onClose}>
      <p class="library-note">{isOff() ? t().library.off : t().library.private}</p>
      <Lately player={props.player} />
      <Lists player={props.player} />
    </Sheet>
  );
}

/** Likes and playlists, wherever they are shown. */
export function Lists(props: { readonly player: Player }) {
  return (
    <>
      <section aria-label={t().library.likes}>
        <header class="library-head">
          <h3>{t().library.likes}</h3>
          <PlayAll player={props.player} name={t().library.likes} tracks={likes()} />
          <KeepAll name={t().library.likes} tracks={likes()} />
        </header>
        <Show when={likes().length > 0} fallback={<p class="library-note">{t().library.noLikes}</p>}>
          <ul class="library-list">
            <For each={likes()}>
              {(track) => (
                <Row player={props.player} track={track} list={likes()}>
                  <button
                    type="button"
                    class="icon"
                    aria-label={t().row.like(named(track))}
                    aria-pressed="true"
                    onClick={() => void toggleLike(track)}
                  >
                    <Icon name="hearted" />
                  </button>
                </Row>
              )}
            </For>
          </ul>
        </Show>
      </section>
      <section aria-label={t().library.playlists}>
        <header class="library-head">
          <h3>{t().library.playlists}</h3>
          <button
            type="button"
            class="quiet"
            onClick={() => void createPlaylist(t().library.defaultName(playlists().length + 1))}
          >
            {t().library.create}
          </button>
        </header>
        <For each={playlists().map(({ id }) => id)}>
          {(id) => (
            <Show when={playlists().find((playlist) => playlist.id === id)}>
              {(playlist) => <OnePlaylist player={props.player} playlist={playlist()} />}
            </Show>
          )}
        </For>
      </section>
    </>
  );
}

function Lately(props: { readonly player: Player }) {
  return (
    <section aria-label={t().library.recent}>
      <header class="library-head">
        <h3>{t().library.recent}</h3>
        <Show when={recent().length > 0}>
          <button type="button" class="quiet" onClick={() => void forget()}>
            {t().library.forget}
          </button>
        </Show>
      </header>
      <Show when={recent().length > 0} fallback={<p class="library-note">{t().library.noRecent}</p>}>
        <ul class="library-list">
          <For each={recent().slice(0, 10)}>
            {({ track, position }) => (
              <Row player={props.player} track={track} list={[track]}>
                <Show when={position >= 1}>
                  <button
                    type="button"
                    class="quiet"
                    aria-label={t().library.resume(named(track), clock(position))}
                    onClick={() => props.player.start(track, [track], position)}
                  >
                    {t().library.resumeShort(clock(position))}
                  </button>
                </Show>
              </Row>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}

async function forget() {
  await forgetPlayed();
  announce(t().library.forgotten);
}

function OnePlaylist(props: { readonly player: Player; readonly playlist: Playlist }) {
  const name = () => props.playlist.name;
  const remove = async () => {
    const gone = name();
    await deletePlaylist(props.playlist.id);
    announce(t().library.removed(gone));
  };
  const move = async (event: KeyboardEvent, at: number) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const to = at + (by ?? 0);
    const track = props.playlist.tracks[at];
    if (by === undefined || !track || to < 0 || to >= props.playlist.tracks.length) return;
    event.preventDefault();
    const list = (event.currentTarget as HTMLElement).closest("ul");
    await moveInPlaylist(props.playlist.id, at, to);
    // The rows were made anew.
    list?.children[to]?.querySelector<HTMLElement>(".grip")?.focus();
    announce(t().queue.moved(named(track), to + 1, props.playlist.tracks.length));
  };
  return (
    <section class="playlist" aria-label={name()}>
      <header class="library-head">
        <input
          aria-label={t().library.rename(name())}
          value={name()}
          maxlength={100}
          onChange={(event) => void renamePlaylist(props.playlist.id, event.currentTarget.value)}
        />
        <PlayAll player={props.player} name={name()} tracks={props.playlist.tracks} />
        <KeepAll name={name()} tracks={props.playlist.tracks} />
        <button
          type="button"
          class="quiet"
          aria-label={t().library.export(name(), "M3U8")}
          onClick={() => save(`${name()}.m3u8`, "audio/x-mpegurl", m3u8(props.playlist))}
        >
          M3U8
        </button>
        <button
          type="button"
          class="quiet"
          aria-label={t().library.export(name(), "JSON")}
          onClick={() => save(`${name()}.json`, "application/json", json(props.playlist))}
        >
          JSON
        </button>
        <button type="button" class="icon" aria-label={t().library.remove(name())} onClick={() => void remove()}>
          <Icon name="close" />
        </button>
      </header>
      <Show when={props.playlist.tracks.length > 0} fallback={<p class="library-note">{t().library.empty}</p>}>
        <ul class="library-list">
          <For each={props.playlist.tracks}>
            {(track, at) => (
              <Row player={props.player} track={track} list={props.playlist.tracks}>
                <button
                  type="button"
                  class="icon grip"
                  aria-label={t().queue.move(named(track))}
                  onKeyDown={(event) => void move(event, at())}
                >
                  <Icon name="grip" />
                </button>
                <button
                  type="button"
                  class="icon"
                  aria-label={t().library.takeOut(named(track), name())}
                  onClick={() => void takeOut(props.playlist.id, at())}
                >
                  <Icon name="close" />
                </button>
              </Row>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}

function PlayAll(props: { readonly player: Player; readonly name: string; readonly tracks: readonly Track[] }) {
  return (
    <Show when={props.tracks[0]}>
      {(first) => (
        <button type="button" class="quiet" onClick={() => props.player.start(first(), props.tracks)}>
          {t().library.playAll(props.name)}
        </button>
      )}
    </Show>
  );
}

interface RowProps {
  readonly player: Player;
  readonly track: Track;
  readonly list: readonly Track[];
  readonly children: JSX.Element;
}

function Row(props: RowProps) {
  return (
    <li class="library-row">
      <button
        type="button"
        class="play"
        data-playing={props.player.track()?.key === props.track.key && props.player.state.playing ? "" : undefined}
        aria-label={t().bar.play(named(props.track))}
        onClick={() =>
          props.player.track()?.key === props.track.key ? props.player.toggle() : props.player.start(props.track, props.list)
        }
      >
        <span class="glyph" aria-hidden="true" />
      </button>
      <a class="queue-title" href={pageOf(props.track)} onClick={() => setSheet(undefined)}>
        <bdi>{props.track.title}</bdi>
        <bdi class="queue-artist">{props.track.artist}</bdi>
      </a>
      {props.children}
    </li>
  );
}
