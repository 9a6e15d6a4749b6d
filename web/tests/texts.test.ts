import { describe, expect, it } from "vitest";
import { secondsOf, textOfSeconds } from "../src/lib/at-time";
import { lineAt, linesOf } from "../src/lib/lrc";
import { language, preferred, t } from "../src/lib/messages";
import { de } from "../src/lib/messages/de";
import { en } from "../src/lib/messages/en";
import { f } from "../src/lib/messages/fan";
import { de as fanDe } from "../src/lib/messages/fan/de";
import { en as fanEn } from "../src/lib/messages/fan/en";
import { part, settled, speak } from "../src/lib/messages/parts";
import { barsOf, peaksOf } from "../src/lib/waveform";

describe("a time in an address", () => {
  it("is read in every usual form", () => {
    for (const text of ["68", "1m08s", "1m8s", "1:08", "0h1m8s", "68s", "0:01:08"]) expect(secondsOf(text), text).toBe(68);
    expect(secondsOf("1h")).toBe(3600);
    expect(secondsOf("2m")).toBe(120);
    for (const bad of ["", "x", "1:8", "-5", "1m 8s", "1e9", "99999999", null]) expect(secondsOf(bad), String(bad)).toBeUndefined();
  });

  it("is written so that it is read back", () => {
    for (const seconds of [0, 8, 68, 3668]) expect(secondsOf(textOfSeconds(seconds))).toBe(seconds);
    expect(textOfSeconds(68.9)).toBe("1m08s");
  });
});

describe("lyrics", () => {
  it("follow the music where they have times", () => {
    const lines = linesOf("[ti:Song]\n[offset:500]\n[00:10.50][00:30.5]chorus\n[00:20:00] verse \nno time\n");
    expect(lines).toEqual([
      { text: "chorus", at: 10 },
      { text: "verse", at: 19.5 },
      { text: "chorus", at: 30 },
    ]);
    expect([0, 10, 19.4, 19.5, 99].map((at) => lineAt(lines, at))).toEqual([-1, 0, 0, 1, 2]);
  });

  it("stand as they are where they have none", () => {
    const lines = linesOf("\n[Chorus]\r\n<b>la</b>\n\nla\n\n");
    expect(lines.map(({ text }) => text)).toEqual(["[Chorus]", "<b>la</b>", "", "la"]);
    expect(lineAt(lines, 5)).toBe(-1);
    expect(linesOf("")).toEqual([]);
  });
});

describe("a waveform", () => {
  const head = [0x4f, 0x53, 0x50, 0x57, 1, 0, 0, 4];
  it("is its peaks, and nothing else is one", () => {
    expect(peaksOf(new Uint8Array([...head, 0, 128, 255, 1]))).toEqual(new Uint8Array([0, 128, 255, 1]));
    for (const bad of [[], head, [...head, 0, 128, 255], [...head, 0, 1, 2, 3, 4], [1, ...head.slice(1), 0, 1, 2, 3]]) {
      expect(peaksOf(new Uint8Array(bad))).toBeUndefined();
    }
  });

  it("keeps its loudest places when there are fewer bars", () => {
    expect(barsOf(new Uint8Array([0, 255, 51, 0]), 2)).toEqual([1, 0.2]);
    expect(barsOf(new Uint8Array([255]), 9)).toEqual([1]);
  });
});

it("says in German what the check of a record failed at, as far as the check says it", () => {
  expect(de.verify.invalid("signature", "the signature is not the artist's")).not.toMatch(/signature/);
  expect(de.verify.invalid("malformed", "cid is not a CID")).toContain("cid is not a CID");
  expect(en.verify.invalid("signature", "the signature is not the artist's")).toBe("the signature is not the artist's");
});

describe("languages", () => {
  it("are the chosen one, else the browser's first that there is", () => {
    expect(preferred("de", ["en"])).toBe("de");
    expect(preferred(null, ["fr-FR", "de-AT", "en"])).toBe("de");
    expect(preferred("tlh", ["fr"])).toBe("en");
    expect(preferred("toString", [])).toBe("en");
  });

  it("change together, those that come later, too", async () => {
    expect(t().queue.title).toBe(en.queue.title);
    await speak("de");
    expect([language(), t().queue.title, f().choose.file]).toEqual(["de", de.queue.title, fanDe.choose.file]);
    const late = part("yes", { de: async () => "ja" });
    await settled();
    expect(late()).toBe("ja");
    await speak("en");
    expect([language(), t().queue.title, late()]).toEqual(["en", en.queue.title, "yes"]);
  });

  it("are the last one asked for, however slow the others come", async () => {
    let arrive: (text: string) => void = () => {};
    const slow = part("yes", { de: () => new Promise<string>((resolve) => (arrive = resolve)) });
    const first = speak("de");
    await speak("en");
    arrive("ja");
    await first;
    expect([language(), slow()]).toEqual(["en", "yes"]);
  });

  it.each([
    // Words that both have.
    ["every page", en, de, ["bar.region", "share.magnet", "library.playlists"]],
    ["sealed files", fanEn, fanDe, ["about.album", "about.genre", "about.links"]],
  ])("say something everywhere, and not the same: %s", (_, english, german, both) => {
    const leaves = (texts: object, path = ""): Map<string, unknown> =>
      new Map(
        Object.entries(texts).flatMap(([name, value]) =>
          typeof value === "object" && value !== null
            ? [...leaves(value as object, `${path}${name}.`)]
            : ([[`${path}${name}`, value]] as [string, unknown][]),
        ),
      );
    const [ours, theirs] = [leaves(english), leaves(german)];
    // English has the classes' own words.
    const known = [...theirs.keys()].filter((name) => !name.startsWith("about.warnings."));
    expect(known).toEqual([...ours.keys()]);
    const same = [...ours].filter(([name, text]) => typeof text === "string" && theirs.get(name) === text).map(([name]) => name);
    expect(same).toEqual(both);
  });
});
