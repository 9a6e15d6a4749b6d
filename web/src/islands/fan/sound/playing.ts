/**
 * What plays of an opened release, and how: a recording by itself on the browser's own element; several of them behind one
 * another without gaps where that can be; an adaptive release by its parts.
 *
 * Times are those of the recording. Of one that plays by itself they are the element's, which keeps to what its frames say; those
 * on a line begin with 0, whatever the element's clock says.
 */

import { batch, createMemo, createSignal, onCleanup, onMount, untrack } from "solid-js";
import { announce } from "../../../lib/dom";
import { canJoin } from "../../../lib/gapless/can-join";
import { t } from "../../../lib/messages";
import { AdaptivePlayer } from "../adaptive/player";
import type { Variants } from "../adaptive/variants";
import { isPlayable, type Content, type Item } from "../content";
import { clockOf } from "../marks";
import type { Joined } from "./joined";

/** The words for what goes wrong. */
export interface Words {
  unreadable(fileName: string): string;
  unplayable(fileName: string): string;
}

export type Playing = ReturnType<typeof createPlaying>;

/** `stays`: whether the listener wants this recording again when it has ended, and no other. */
export function createPlaying(content: Content, variants: Variants | undefined, element: () => HTMLMediaElement, stays: () => boolean, words: Words) {
  const playable = content.items.filter(isPlayable);
  const [item, setItem] = createSignal<Item>(playable[0]!);
  const [position, setPosition] = createSignal(0);
  const [duration, setDuration] = createSignal(Number.NaN);
  const [failed, setFailed] = createSignal<string>();
  const [note, setNote] = createSignal<string>();
  const [adaptive, setAdaptive] = createSignal<AdaptivePlayer>();
  const [isJoined, setJoined] = createSignal(false);
  /** Recordings that can only play by themselves. */
  const alone = new Set<Item>();
  let line: Joined | undefined;
  /** Changes with whatever is put under the needle. */
  let turn = 0;

  /** Beginning and end of what there is. */
  const extent = createMemo(() => {
    const { stretch } = item();
    return stretch && !isJoined() && Number.isFinite(duration()) ? clockOf(stretch, duration()) : { begin: 0, end: duration() };
  });

  const mayJoin = (one: Item) => one.kind === "audio" && !alone.has(one);
  const after = (one: Item): Item | undefined => playable[playable.indexOf(one) + 1];
  /** Whether something may come before or behind it without a gap. */
  const hasNeighbour = (one: Item) => [-1, 1].some((by) => {
    const other = playable[playable.indexOf(one) + by];
    return other !== undefined && mayJoin(other);
  });

  function put(next: Item, at: number, plays: boolean) {
    turn += 1;
    line?.leave();
    stop();
    batch(() => {
      setItem(next);
      setFailed(undefined);
      setPosition(at);
      setDuration(Number.NaN);
      setJoined(false);
    });
    if (variants && AdaptivePlayer.isPossible(variants)) startAdaptive(variants, plays);
    else if (canJoin() && mayJoin(next) && hasNeighbour(next)) void putOnLine(next, at, plays);
    else putAlone(next, at, plays);
  }

  async function putOnLine(next: Item, at: number, plays: boolean) {
    const mine = turn;
    try {
      const module = await import("./joined");
      if (mine !== turn) return;
      line ??= new module.Joined(element(), content, hearing);
    } catch {
      // The script did not arrive: with gaps it plays all the same.
      alone.add(next);
      if (mine === turn) putAlone(next, at, plays);
      return;
    }
    setJoined(true);
    line.load(next, at);
    if (plays) void line.play();
  }

  function putAlone(next: Item, at: number, plays: boolean) {
    const [mine, media] = [turn, element()];
    void content.addressOf(next).then(
      (address) => {
        if (mine !== turn) return;
        media.src = address;
        if (at > 0) media.currentTime = at;
        if (plays) void media.play().catch(() => {});
      },
      () => mine === turn && setFailed(words.unreadable(next.fileName)),
    );
  }

  function startAdaptive(of: Variants, plays: boolean) {
    const player = new AdaptivePlayer(of, element(), (why) => {
      // Not in pieces that can be switched between: the default file as a whole, and honest words about it.
      setAdaptive(undefined);
      setNote(why);
      putAlone(item(), 0, false);
    });
    setAdaptive(player);
    if (plays) void element().play().catch(() => {});
  }

  /** Takes from the element what it has. */
  function stop() {
    adaptive()?.close();
    setAdaptive(undefined);
    const media = element();
    media.removeAttribute("src");
    media.load();
  }

  const hearing = {
    after(one: Item) {
      const next = stays() ? undefined : after(one);
      return next && mayJoin(next) ? next : undefined;
    },
    moved(to: Item) {
      setItem(to);
      setFailed(undefined);
      announce(t().said.now(to.name));
    },
    ticked() {
      if (!line) return;
      setPosition(line.position());
      setDuration(line.duration());
    },
    alone(one: Item, at: number, plays: boolean) {
      alone.add(one);
      put(one, at, plays);
    },
    failed: fail,
  };

  /** What is wrong with the bytes was said already. */
  function fail(one: Item) {
    if (!content.failed) setFailed(words.unplayable(one.fileName));
  }

  function seek(seconds: number) {
    const media = element();
    const { begin } = extent();
    const length = isJoined() ? duration() : media.duration;
    const to = Math.max(begin, Number.isFinite(length) ? Math.min(seconds, length) : seconds);
    if (!line || !isJoined()) media.currentTime = to;
    else {
      content.ahead(item(), to);
      line.seek(to);
      setPosition(to);
    }
  }

  async function play() {
    if (line && isJoined()) await line.play();
    else
      await element()
        .play()
        .catch(() => {});
  }

  onMount(() => untrack(() => put(item(), 0, false)));
  onCleanup(() => {
    turn += 1;
    line?.close();
    stop();
  });

  return {
    playable,
    item,
    /** Seconds. */
    position,
    /** Seconds; NaN while unknown. */
    duration,
    extent,
    failed,
    note,
    adaptive,
    /** It is on a line: the element's own controls would show another time. */
    isJoined,
    seek,
    play,
    toggle: () => (element().paused ? void play() : element().pause()),
    /** Plays a recording from its beginning. */
    choose: (next: Item) => put(next, 0, true),
    /** The recording `by` places away. */
    neighbour: (by: 1 | -1): Item | undefined => playable[playable.indexOf(item()) + by],
    /** What `stays` says has changed. */
    stayed: () => line?.follow(),
    /** What the element tells. */
    heard: {
      time() {
        if (isJoined()) hearing.ticked();
        else setPosition(element().currentTime);
      },
      seeking() {
        if (isJoined()) return;
        const media = element();
        const { begin } = extent();
        // Before it there is nothing to play.
        if (media.currentTime < begin) media.currentTime = begin;
        setPosition(media.currentTime);
        content.ahead(item(), media.currentTime - begin);
      },
      duration() {
        if (isJoined()) return;
        const media = element();
        setDuration(media.duration);
        if (media.currentTime < extent().begin) media.currentTime = extent().begin;
      },
      error() {
        if (!isJoined() && element().getAttribute("src")) fail(item());
      },
    },
  };
}
