import { describe, expect, it } from "vitest";
import { compare, judgeBytes, readAtMost } from "../src/lib/verify";
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
