/** Listening and watching: the browser's own element, the release's tracks, and the keys that the site's player has. */

import { createEffect, createMemo, createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { commandOf } from "../../lib/keys";
import { clock, spoken } from "../../lib/time";
import type { Manifest } from "../../smsg";
import { AdaptivePlayer } from "./adaptive/player";
import { Quality } from "./adaptive/Quality";
import type { Variants } from "./adaptive/variants";
import { isPlayable, type Content, type Item } from "./content";
import { tellSystem } from "./system-controls";
import { clockOf, marksIn, marksOf, markAt, type Mark } from "./marks";

/** Seconds that the arrow keys move. */
const STEP = 5;

interface Props {
  readonly content: Content;
  readonly manifest: Manifest | undefined;
  readonly variants: Variants | undefined;
  readonly title: string;
}

export function Player(props: Props) {
  let media!: HTMLMediaElement;
  const playable = props.content.items.filter(isPlayable);
  const [item, setItem] = createSignal<Item>(playable[0]!);
  const [position, setPosition] = createSignal(0);
  const [duration, setDuration] = createSignal(Number.NaN);
  const [failed, setFailed] = createSignal<string>();
  const [note, setNote] = createSignal<string>();
  const [adaptive, setAdaptive] = createSignal<AdaptivePlayer>();
  /** The mark that is played again and again. */
  const [looped, setLooped] = createSignal<Mark>();
  /** Beginning and end of what there is, as the element counts. */
  const extent = createMemo(() => {
    const { stretch } = item();
    return stretch && Number.isFinite(duration()) ? clockOf(stretch, duration()) : { begin: 0, end: duration() };
  });
  // A mark is a place in the recording; with several recordings only version 3.0 says in which.
  const marks = createMemo(() => {
    const { stretch } = item();
    if (stretch) return marksIn(stretch, props.manifest?.tracks, extent().begin);
    return playable.length === 1 ? marksOf(props.manifest?.tracks) : [];
  });
  const now = createMemo(() => markAt(marks(), position()));
  const left = () => (Number.isFinite(extent().end) ? Math.max(0, extent().end - Math.max(position(), extent().begin)) : Number.NaN);

  createEffect(() => {
    const current = item();
    setFailed(undefined);
    setLooped(undefined);
    let stale = false;
    const stop = props.variants && AdaptivePlayer.isPossible(props.variants) ? startAdaptive(props.variants) : undefined;
    if (!stop) {
      void props.content.addressOf(current).then(
        (address) => {
          if (!stale) media.src = address;
        },
        () => setFailed(`${current.fileName} could not be read. Open the file again.`),
      );
    }
    onCleanup(() => {
      stale = true;
      stop?.();
      media.removeAttribute("src");
      media.load();
    });
  });

  function startAdaptive(variants: Variants): () => void {
    const player = new AdaptivePlayer(variants, media, (why) => {
      // Not in pieces that can be switched between: the default file as a whole, and honest words about it.
      setAdaptive(undefined);
      setNote(why);
      void props.content.addressOf(item()).then((address) => {
        media.src = address;
      });
    });
    setAdaptive(player);
    return () => player.close();
  }

  function seek(seconds: number) {
    media.currentTime = Math.max(extent().begin, Math.min(seconds, Number.isFinite(media.duration) ? media.duration : seconds));
  }
  function keepLoop() {
    const points = looped()?.loop;
    if (points && media.currentTime >= points[1]) media.currentTime = points[0];
  }
  function playMark(mark: Mark) {
    if (looped() !== mark) setLooped(undefined);
    seek(mark.start);
    void media.play().catch(() => {});
  }
  function step(by: 1 | -1) {
    const list = marks();
    if (list.length > 0) {
      const at = now() === undefined ? -1 : list.indexOf(now()!);
      // "Previous" in the middle of a track starts it again.
      const here = list[at];
      const target = by === -1 && here && media.currentTime - here.start > 3 ? here : list[at + by];
      if (target) playMark(target);
    } else {
      const next = playable[playable.indexOf(item()) + by];
      if (next) choose(next);
    }
  }
  function choose(next: Item) {
    setItem(next);
    media.addEventListener("loadedmetadata", () => void media.play().catch(() => {}), { once: true });
  }
  const onKey = (event: KeyboardEvent) => {
    const command = commandOf(event);
    if (!command || (event.target instanceof Node && media.contains(event.target))) return;
    event.preventDefault();
    if (command === "toggle") void (media.paused ? media.play().catch(() => {}) : media.pause());
    else if (command === "back") seek(media.currentTime - STEP);
    else if (command === "forward") seek(media.currentTime + STEP);
    else if (command === "mute") media.muted = !media.muted;
    else step(command === "next" ? 1 : -1);
  };
  onMount(() => {
    document.addEventListener("keydown", onKey);
    const untell = tellSystem(media, {
      title: () => now()?.title ?? props.title,
      artist: () => props.manifest?.artist,
      album: () => props.manifest?.album ?? (now() ? props.title : undefined),
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
    <div class="fan-player" data-kind={item().kind}>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- what is in a sealed file has no captions of ours */}
      <video
        ref={(element) => (media = element)}
        controls
        playsinline
        preload="metadata"
        aria-label={item().fileName}
        onTimeUpdate={() => {
          setPosition(media.currentTime);
          keepLoop();
        }}
        onSeeking={() => {
          const { begin } = extent();
          // Before it there is nothing to play.
          if (media.currentTime < begin) media.currentTime = begin;
          setPosition(media.currentTime);
          props.content.ahead(item(), media.currentTime - begin);
        }}
        onDurationChange={() => {
          setDuration(media.duration);
          if (media.currentTime < extent().begin) media.currentTime = extent().begin;
        }}
        onEnded={() => marks().length === 0 && step(1)}
        onError={() => {
          // What is wrong with the bytes was said already.
          if (media.getAttribute("src") && !props.content.failed) setFailed(`This browser cannot play ${item().fileName}. Save it and play it elsewhere.`);
        }}
      />
      <p class="fan-left">
        <Show when={now()}>
          {(mark) => (
            <span>
              <bdi>{mark().title}</bdi>
            </span>
          )}
        </Show>
        <span aria-label={`${spoken(left())} left`}>-{clock(left())}</span>
      </p>
      <p role="alert">{failed()}</p>
      <output class="fan-note">{note()}</output>
      <Show when={adaptive()}>{(player) => <Quality player={player()} />}</Show>
      <Show when={marks().length > 0}>
        <ol class="fan-tracks" aria-label="Tracks">
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
                      aria-label={`Loop ${mark.title}, ${clock(loop()[0])} to ${clock(loop()[1])}`}
                      onClick={() => {
                        setLooped(looped() === mark ? undefined : mark);
                        if (looped() === mark) seek(loop()[0]);
                      }}
                    >
                      Loop {clock(loop()[0])} to {clock(loop()[1])}
                    </button>
                  )}
                </Show>
              </li>
            )}
          </For>
        </ol>
      </Show>
      <Show when={playable.length > 1}>
        <ol class="fan-tracks" aria-label="Recordings">
          <For each={playable}>
            {(each) => (
              <li>
                <button type="button" class="fan-track" aria-current={item() === each ? "true" : undefined} onClick={() => choose(each)}>
                  <span class="fan-track-title">
                    <bdi>{each.name}</bdi>
                  </span>
                  <span class="track-length">{each.stretch?.tier ?? each.kind}</span>
                </button>
              </li>
            )}
          </For>
        </ol>
      </Show>
    </div>
  );
}
