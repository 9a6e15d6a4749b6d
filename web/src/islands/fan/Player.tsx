/** Listening and watching: the browser's own element, the release's tracks, and the keys that the site's player has. */

import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js";
import { commandOf, type Command } from "../../lib/keys";
import { f } from "../../lib/messages/fan";
import { clock, spoken } from "../../lib/time";
import type { Manifest } from "../../smsg";
import { Quality } from "./adaptive/Quality";
import type { Variants } from "./adaptive/variants";
import type { Content } from "./content";
import { Controls } from "./sound/Controls";
import { createPlaying } from "./sound/playing";
import { tellSystem } from "./system-controls";
import { marksIn, marksOf, markAt, type Mark } from "./marks";

/** Seconds that the arrow keys move. */
const STEP = 5;
/** The same of the keys for more. */
const FAR = 10;

interface Props {
  readonly content: Content;
  readonly manifest: Manifest | undefined;
  readonly variants: Variants | undefined;
  readonly title: string;
}

export function Player(props: Props) {
  let media!: HTMLMediaElement;
  /** The mark that is played again and again. */
  const [looped, setLooped] = createSignal<Mark>();
  const playing = createPlaying(props.content, props.variants, () => media, () => looped() !== undefined, {
    unreadable: (fileName) => f().player.unread(fileName),
    unplayable: (fileName) => f().player.unplayable(fileName),
  });
  const { playable, item, position, extent, adaptive, seek } = playing;
  // A mark is a place in the recording; with several recordings only version 3.0 says in which.
  const marks = createMemo(() => {
    const { stretch } = item();
    if (stretch) return marksIn(stretch, props.manifest?.tracks, extent().begin);
    return playable.length === 1 ? marksOf(props.manifest?.tracks) : [];
  });
  const now = createMemo(() => markAt(marks(), position()));
  const left = () => (Number.isFinite(extent().end) ? Math.max(0, extent().end - Math.max(position(), extent().begin)) : Number.NaN);
  // The loop is of one recording.
  createEffect(on(item, () => setLooped(undefined), { defer: true }));
  createEffect(on(looped, () => playing.stayed(), { defer: true }));

  function keepLoop() {
    const points = looped()?.loop;
    if (points && position() >= points[1]) seek(points[0]);
  }
  function playMark(mark: Mark) {
    if (looped() !== mark) setLooped(undefined);
    seek(mark.start);
    void playing.play();
  }
  function step(by: 1 | -1) {
    const list = marks();
    if (list.length > 0) {
      const at = now() === undefined ? -1 : list.indexOf(now()!);
      // "Previous" in the middle of a track starts it again.
      const here = list[at];
      const target = by === -1 && here && position() - here.start > 3 ? here : list[at + by];
      if (target) return playMark(target);
    }
    const next = playing.neighbour(by);
    if (next) playing.choose(next);
  }
  function goOn() {
    const points = looped()?.loop;
    const next = playing.neighbour(1);
    if (points) {
      seek(points[0]);
      void playing.play();
    } else if (next) playing.choose(next);
  }
  const commands: Partial<Record<Command, () => void>> = {
    toggle: () => playing.toggle(),
    back: () => seek(position() - STEP),
    forward: () => seek(position() + STEP),
    "far-back": () => seek(position() - FAR),
    "far-forward": () => seek(position() + FAR),
    mute: () => (media.muted = !media.muted),
    next: () => step(1),
    previous: () => step(-1),
  };
  const onKey = (event: KeyboardEvent) => {
    const command = commandOf(event);
    const run = command && commands[command];
    if (!run || (event.target instanceof Node && media.contains(event.target))) return;
    event.preventDefault();
    run();
  };
  onMount(() => {
    document.addEventListener("keydown", onKey);
    const untell = tellSystem(media, {
      title: () => now()?.title ?? (playable.length > 1 ? item().name : props.title),
      artist: () => props.manifest?.artist,
      album: () => props.manifest?.album ?? (now() || playable.length > 1 ? props.title : undefined),
      position,
      length: () => (playing.isJoined() ? playing.duration() : undefined),
      step,
      seek,
    });
    onCleanup(() => {
      document.removeEventListener("keydown", onKey);
      untell();
    });
  });

  // Audio and video in one element type: a <video> plays both, and attachments of both kinds may be in one file.
  return (
    <div class="fan-player" data-kind={item().kind} data-joined={playing.isJoined() ? "" : undefined}>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- what is in a sealed file has no captions of ours */}
      <video
        ref={(element) => (media = element)}
        controls={!playing.isJoined()}
        playsinline
        preload="metadata"
        aria-label={item().fileName}
        onTimeUpdate={() => {
          playing.heard.time();
          keepLoop();
        }}
        onSeeking={playing.heard.seeking}
        onDurationChange={playing.heard.duration}
        onEnded={goOn}
        onError={playing.heard.error}
      />
      <Show when={playing.isJoined()}>
        <Controls playing={playing} media={media} name={item().name} onStep={step} />
      </Show>
      <p class="fan-left">
        <Show when={now()}>
          {(mark) => (
            <span>
              <bdi>{mark().title}</bdi>
            </span>
          )}
        </Show>
        <span aria-label={f().player.left(spoken(left()))}>-{clock(left())}</span>
      </p>
      <p role="alert">{playing.failed()}</p>
      <output class="fan-note">{playing.note()}</output>
      <Show when={adaptive()}>{(player) => <Quality player={player()} />}</Show>
      <Show when={marks().length > 0}>
        <ol class="fan-tracks" aria-label={f().player.tracks}>
          <For each={marks()}>
            {(mark) => (
              <li>
                <button
                  type="button"
                  class="fan-track"
                  aria-current={now() === mark ? "true" : undefined}
                  onClick={() => playMark(mark)}
                >
                  <span class="fan-track-title">
                    <bdi>{mark.title}</bdi>
                  </span>
                  <Show when={mark.mix}>
                    <span class="fan-mix">
                      <bdi>{mark.mix}</bdi>
                    </span>
                  </Show>
                  <span class="track-length">{clock(mark.start)}</span>
                </button>
                <Show when={mark.loop}>
                  {(loop) => (
                    <button
                      type="button"
                      class="quiet fan-loop"
                      aria-pressed={looped() === mark}
                      aria-label={f().player.loopOf(mark.title, clock(loop()[0]), clock(loop()[1]))}
                      onClick={() => {
                        setLooped(looped() === mark ? undefined : mark);
                        if (looped() === mark) seek(loop()[0]);
                      }}
                    >
                      {f().player.loop(clock(loop()[0]), clock(loop()[1]))}
                    </button>
                  )}
                </Show>
              </li>
            )}
          </For>
        </ol>
      </Show>
      <Show when={playable.length > 1}>
        <ol class="fan-tracks" aria-label={f().player.recordings}>
          <For each={playable}>
            {(each) => (
              <li>
                <button type="button" class="fan-track" aria-current={item() === each ? "true" : undefined} onClick={() => playing.choose(each)}>
                  <span class="fan-track-title">
                    <bdi>{each.name}</bdi>
                  </span>
                  <span class="track-length">{each.stretch?.tier ?? f().player.kinds[each.kind]}</span>
                </button>
              </li>
            )}
          </For>
        </ol>
      </Show>
    </div>
  );
}
