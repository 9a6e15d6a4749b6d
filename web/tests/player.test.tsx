import { beforeEach, describe, expect, it, vi } from "vitest";
import { PlainDeck } from "../src/lib/deck/plain";
import { createPlayer } from "../src/lib/player";
import { connectPlayButtons } from "../src/islands/player/buttons";
import { refuse } from "../src/lib/trust";
import { readTracks } from "../src/lib/tracks";
import { release, row, track } from "./fixtures";

function player() {
  const audio = document.createElement("audio");
  let paused = true;
  Object.defineProperty(audio, "paused", { get: () => paused });
  audio.play = vi.fn(async () => {
    paused = false;
    audio.dispatchEvent(new Event("play"));
  });
  audio.pause = vi.fn(() => {
    paused = true;
    audio.dispatchEvent(new Event("pause"));
  });
  return { audio, player: createPlayer(new PlainDeck(audio)) };
}

beforeEach(() => {
  document.body.innerHTML = "";
  localStorage.clear();
});

it("plays a list through and stops at its end", () => {
  const { audio, player: p } = player();
  const list = [track("a"), track("b")];
  p.start(list[0]!, list);
  expect(audio.getAttribute("src")).toBe("/api/v1/tracks/a/audio");
  expect(p.state.playing).toBe(true);
  audio.dispatchEvent(new Event("ended"));
  expect(p.track()?.key).toBe("b");
  expect(p.hasNext()).toBe(false);
  audio.dispatchEvent(new Event("ended"));
  expect(p.track()?.key).toBe("b");
});

it("never plays a track that does not verify", () => {
  const { audio, player: p } = player();
  refuse("forged");
  p.start(track("forged"), [track("forged")]);
  expect(audio.play).not.toHaveBeenCalled();
  expect(p.state.error).toContain("not verified");
});

it("says in words why nothing is heard", () => {
  const { audio, player: p } = player();
  p.start(track("a"), []);
  audio.dispatchEvent(new Event("error"));
  expect(p.state.error).toContain("Cannot play Title a");
});

it("keeps a seek inside the track", () => {
  const { audio, player: p } = player();
  p.cue(track("a"), []);
  p.seek(-5);
  expect(audio.currentTime).toBe(0);
  p.seek(10_000);
  expect(audio.currentTime).toBe(200);
});

it("brings play buttons to life, named for what they do", () => {
  const { player: p } = player();
  document.body.innerHTML = release("Max", row("a", "Awakening"), row("b", "Coherence"));
  connectPlayButtons(p, document.body);
  const [first, second] = [...document.querySelectorAll<HTMLButtonElement>("button[data-play]")];
  expect(first!.hidden).toBe(false);
  expect(first!.getAttribute("aria-label")).toBe("Play Awakening by Max");
  first!.click();
  expect(first!.getAttribute("aria-label")).toBe("Pause Awakening by Max");
  expect(second!.getAttribute("aria-label")).toBe("Play Coherence by Max");
  expect(p.queue()?.tracks).toEqual(readTracks(document.body));
  refuse("b");
  expect(second!.disabled).toBe(true);
});

it("goes straight to the node, once it answers, when another road is broken, at the same place", async () => {
  const { audio, player: p } = player();
  let alive = false;
  vi.stubGlobal("fetch", async () => {
    if (!alive) throw new TypeError("refused");
    return new Response("x", { status: 206 });
  });
  try {
    p.takeFrom((one) => `/elsewhere/${one.key}`, false);
    p.start(track("a"), [track("a")]);
    expect(audio.getAttribute("src")).toBe("/elsewhere/a");
    audio.dispatchEvent(new Event("error"));
    await vi.waitFor(() => expect(p.state.error).toContain("Cannot play"));
    alive = true;
    audio.currentTime = 42;
    audio.dispatchEvent(new Event("error"));
    await vi.waitFor(() => expect(audio.getAttribute("src")).toBe("/api/v1/tracks/a/audio"));
    expect(audio.currentTime).toBe(42);
    expect(p.state.error).toBeUndefined();
    p.start(track("b"), [track("b")]);
    expect(audio.getAttribute("src"), "the next track tries the other road again").toBe("/elsewhere/b");
  } finally {
    vi.unstubAllGlobals();
  }
});

it("gives up another road on which nothing comes", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async () => new Response("x", { status: 206 }));
  try {
    const { audio, player: p } = player();
    p.takeFrom((one) => `/elsewhere/${one.key}`, false);
    p.start(track("a"), [track("a")]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(audio.getAttribute("src")).toBe("/elsewhere/a");
    await vi.advanceTimersByTimeAsync(1000);
    expect(audio.getAttribute("src")).toBe("/api/v1/tracks/a/audio");
  } finally {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }
});

it("fetches the beginning of the next track when enough of this one is there, and of one that is pointed at", () => {
  const { audio, player: p } = player();
  let there = 1;
  Object.defineProperty(audio, "buffered", { get: () => ({ length: 1, start: () => 0, end: () => there }) });
  const made = vi.spyOn(document, "createElement");
  const ahead = () => made.mock.results.map(({ value }) => (value as Element).getAttribute("src"));
  try {
    p.start(track("a"), [track("a"), track("next"), track("other")]);
    audio.dispatchEvent(new Event("progress"));
    expect(ahead(), "this one first").toEqual([]);
    there = 30;
    audio.dispatchEvent(new Event("progress"));
    expect(ahead()).toEqual(["/api/v1/tracks/next/audio"]);
    p.expect(track("other"));
    expect(ahead()).toEqual(["/api/v1/tracks/other/audio"]);
    audio.dispatchEvent(new Event("loadeddata"));
    expect(ahead(), "its connection is let go").toEqual([null]);
    refuse("bad");
    p.expect(track("bad"));
    expect(ahead()).toEqual([null]);
  } finally {
    made.mockRestore();
  }
});

describe("a queue", () => {
  const list = ["p", "q", "r"].map(track);
  const ended = (audio: HTMLAudioElement) => audio.dispatchEvent(new Event("ended"));

  it("goes round, or stays with one track, when it is asked to", () => {
    const { audio, player: p } = player();
    p.start(list[2]!, list);
    expect(p.hasNext()).toBe(false);
    p.cycleRepeat();
    expect([p.state.repeat, p.hasNext()]).toEqual(["all", true]);
    ended(audio);
    expect(p.track()?.key).toBe("p");
    p.cycleRepeat();
    audio.currentTime = 200;
    ended(audio);
    expect([p.state.repeat, p.track()?.key, audio.currentTime]).toEqual(["one", "p", 0]);
    ended(audio);
    expect(p.track()?.key, "also a second time").toBe("p");
    p.next();
    expect(p.track()?.key, "a listener who asks for the next one gets it").toBe("q");
  });

  it("plays what was put next, and an entry that was moved there", () => {
    const { audio, player: p } = player();
    p.start(list[0]!, list);
    p.add([track("x")], "next");
    ended(audio);
    expect(p.track()?.key).toBe("x");
    p.moveEntry(3, 2);
    ended(audio);
    expect(p.track()?.key).toBe("r");
    p.remove(3);
    expect(p.hasNext()).toBe(false);
  });

  it("is the first thing that is added, paused", () => {
    const { audio, player: p } = player();
    p.add([track("x")], "last");
    expect([p.track()?.key, audio.paused]).toEqual(["x", true]);
  });

  it("passes over a track that is found out while it comes next", () => {
    const { audio, player: p } = player();
    p.start(list[0]!, [list[0]!, track("found-out"), list[2]!]);
    refuse("found-out");
    ended(audio);
    expect(p.track()?.key).toBe("r");
  });
});

it("comes back paused at the second, and gives way to another tab with a word", () => {
  const { audio, player: p } = player();
  p.restore({ queue: { tracks: [track("p"), track("q")], index: 1 }, repeat: "all", position: 68 });
  expect([p.track()?.key, audio.currentTime, audio.paused, p.state.repeat]).toEqual(["q", 68, true, "all"]);
  expect(p.isInUse(), "another page does not replace it").toBe(true);
  p.giveWay("elsewhere");
  expect(p.state.notice, "nothing played").toBeUndefined();
  void p.play();
  p.giveWay("elsewhere");
  expect([audio.paused, p.state.notice]).toEqual([true, "elsewhere"]);
});

it("says that the browser wants a press, and from where it will play", async () => {
  const { audio, player: p } = player();
  audio.play = vi.fn(async () => {
    throw new DOMException("press first", "NotAllowedError");
  });
  p.start(track("a"), [track("a")], 68);
  await vi.waitFor(() => expect(p.state.notice).toContain("1:08"));
  expect([p.state.error, audio.currentTime]).toEqual([undefined, 68]);
});
