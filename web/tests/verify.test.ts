import { afterEach, describe, expect, it, vi } from "vitest";
import { compare, isJudged, judgeBytes, readAtMost, verifyTrack } from "../src/lib/verify";
import { track } from "./fixtures";

const shown = track("a");
const signed = { id: shown.id, title: shown.title, artist: shown.did, artistName: shown.artist, cid: shown.cid };

describe("a verified record beside the page", () => {
  it("agrees when everything shown is what was signed", () => {
    expect(compare(shown, signed)).toBeUndefined();
    expect(compare(shown, { ...signed, title: ` ${shown.title.replace(" ", " \n ")}` })).toBeUndefined();
  });

  it.each([
    ["id", "another track"],
    ["artist", "not the one who signed"],
    ["cid", "content"],
    ["title", "title"],
    ["artistName", "name"],
  ])("differs in %s", (member, said) => {
    expect(compare(shown, { ...signed, [member]: "other" })?.()).toContain(said);
  });
});

describe("the core's verdict", () => {
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

  it("is refused with the core's own sentence", () => {
    const outcome = judgeBytes(bytes({}), () => ({ valid: false, message: "the signature is not the artist's" }));
    expect(outcome).toMatchObject({ state: "refused" });
    expect(outcome.state === "refused" && outcome.reason()).toBe("the signature is not the artist's");
  });

  it("is refused for a valid record of another kind", () => {
    const outcome = judgeBytes(bytes({ type: "osp:Retraction" }), () => ({ valid: true }));
    expect(outcome.state).toBe("refused");
  });

  it("is neither good nor bad when the key is elsewhere", () => {
    const outcome = judgeBytes(bytes({}), () => ({ valid: false, keyElsewhere: true }));
    expect(outcome.state).toBe("unchecked");
  });

  it("is verified with the record at hand", () => {
    const outcome = judgeBytes(bytes({ type: "osp:Track", ...signed }), () => ({ valid: true }));
    expect(outcome).toMatchObject({ state: "verified", record: signed });
  });
});

it("reads no more of a body than it was told to", async () => {
  const body = new Response("0123456789");
  expect(new TextDecoder().decode(await readAtMost(body, 4))).toBe("0123");
  expect(await readAtMost(new Response("01"), 4)).toHaveLength(2);
});

describe("records that nobody waits for any more", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("are not fetched when their turn comes, and are when they are wanted again", async () => {
    const answers: (() => void)[] = [];
    const asked: string[] = [];
    vi.stubGlobal("fetch", (path: string) => {
      asked.push(path.split("/").at(-1)!);
      return new Promise((resolve) => answers.push(() => resolve(new Response("", { status: 503 }))));
    });
    // As many as are asked for at once.
    const first = ["1", "2", "3", "4"].map((key) => verifyTrack(track(key)));
    const gone = verifyTrack(track("gone"), () => false);
    const both = [verifyTrack(track("both"), () => false), verifyTrack(track("both"), () => true)];
    expect(asked).toEqual(["1", "2", "3", "4"]);
    for (let done = 0; done < 5; done += 1) {
      await vi.waitFor(() => expect(answers.length).toBeGreaterThan(done));
      answers[done]?.();
    }
    const outcomes = await Promise.all([...first, gone, ...both]);
    expect(outcomes.map(({ state }) => state)).toEqual(Array(7).fill("unchecked"));
    expect(asked).toEqual(["1", "2", "3", "4", "both"]);
    expect(isJudged("gone")).toBe(false);

    const again = verifyTrack(track("gone"));
    await vi.waitFor(() => expect(asked.at(-1)).toBe("gone"));
    answers[5]?.();
    await again;
  });
});
