import { expect, it } from "vitest";
import { asked, askedByLink } from "../../src/islands/fan/address";
import { secretsOf, withoutSecrets } from "../../src/lib/secrets";
import { licenceWords } from "../../src/islands/fan/dates";
import { wishedAt } from "../../src/islands/fan/licence";
import { webLinks } from "../../src/islands/fan/links";
import { clockOf, markAt, marksIn, marksOf } from "../../src/islands/fan/marks";
import { troubleOf } from "../../src/islands/fan/problems";
import { asAddress } from "../../src/islands/fan/source";
import { typoSentence } from "../../src/islands/fan/typo";
import { SealedError } from "../../src/smsg";

/** Every class that opening can end with; `default` is for those of tomorrow. */
const CLASSES = [
  "decryption_failed", "no_valid_key", "password_required", "license_required", "not_v3", "expired", "not_yet_valid",
  "truncated_container", "attachment_truncated", "bad_magic", "nothing_embedded", "double_base64", "bad_base64", "bad_version",
  "unsupported_version", "unsupported_format", "unsupported_algorithm", "unsupported_compression", "unsupported_key_method",
  "decompression_limit", "over_limit", "header_too_large", "too_large", "storage_full", "network", "changed", "checksum",
  "header_not_json", "invalid_payload", "decompression_failed", "chunk_out_of_bounds", "wrong_type",
  "typing_error", "not_a_key", "wrong_file", "bad_licence", "bad_grant", "licence_over", "licence_not_begun", "bad_signature",
  "wrong_artist", "artist_unknown", "bad_digest", "commitment", "not_licensed", "trailing_bytes", "not_canonical", "bad_member",
  "bad_table", "table_rollback", "bad_artist", "unknown_critical", "work_factor", "out_of_memory",
];

it("has a sentence of its own for every class, without the words of programs", () => {
  const fallback = troubleOf(new Error("x")).sentence;
  for (const problem of CLASSES) {
    const { sentence } = troubleOf(new SealedError(problem, "internal words"));
    expect(sentence, problem).not.toBe(fallback);
    expect(sentence, problem).toMatch(/^[A-Z].*\.$/);
    expect(sentence, problem).not.toMatch(/AEAD|tag|payload|container|header|_/);
  }
});

it("offers to go past a date that the artist wrote, and not past the end of a copy's keys", () => {
  const expired = new SealedError("expired", "");
  expect(troubleOf(expired, { opensWith: "key", endedAt: 1_767_225_600 })).toMatchObject({
    mayIgnoreExpiry: true,
    hint: expect.stringContaining("request written into the file, not a lock") as string,
    sentence: expect.stringContaining("2026") as string,
  });
  expect(troubleOf(expired, { opensWith: "licence" }).mayIgnoreExpiry).toBeUndefined();
});

it("names the server's answer, or what may be in the way", () => {
  expect(troubleOf(new SealedError("network", "", 404)).sentence).toContain("404");
  expect(troubleOf(new SealedError("network", "")).hint).toContain("CORS");
});

it("says where a key looks mistyped", () => {
  expect(typoSentence({ state: "typo", message: "said by the check", groups: [3] })).toBe("Group 3 looks mistyped.");
  expect(typoSentence({ state: "typo", message: "said by the check", groups: [2, 5] })).toBe("Groups 2 or 5 look mistyped.");
  expect(typoSentence({ state: "typo", message: "said by the check", groups: [0] })).toContain("before the first hyphen");
  expect(typoSentence({ state: "typo", message: "said by the check", word: 4, found: "abel", suggestion: "able" })).toBe("Word 4 (abel) looks mistyped. Did you mean able?");
  expect(typoSentence({ state: "typo", message: "said by the check" })).toBe("said by the check");
  expect(typoSentence({ state: "unknown" })).toBeUndefined();
  expect(typoSentence({ state: "good", style: "code", canonical: "x" })).toBeUndefined();
});

it("takes a key from the fragment only, and does not leave it there", () => {
  expect(asked({ search: "?url=https://a/b&k=secret", hash: "" })).toEqual({ url: "https://a/b" });
  expect(asked({ search: "", hash: "#url=https%3A%2F%2Fa%2Fb&k=secret&f=fp" })).toEqual({ url: "https://a/b", key: "secret", fingerprint: "fp" });
  expect(asked({ search: "?artist=did:key:z6Mk1", hash: "#url=https://a/b&artist=did:key:z6Mk2" })).toEqual({ url: "https://a/b", artist: "did:key:z6Mk2" });
  expect(asked({ search: "?url=https://query/", hash: "#url=https://fragment/" }).url).toBe("https://fragment/");
  expect(withoutSecrets("#url=https://a/b&k=secret&f=fp")).not.toMatch(/secret|fp/);
  expect(withoutSecrets("#k=secret")).toBe("");
  expect(secretsOf("#url=https://a/b&k=se cret&l=paper")).toBe("k=se+cret&l=paper");
  expect(secretsOf("#l=paper&t=1"), "a licence alone opens nothing").toBe("");
});

it("takes a path for a file of its own host, and nothing else without a scheme", () => {
  const at = (url: string) => asked({ search: "", hash: `#url=${encodeURIComponent(url)}`, origin: "https://node.example" }).url;
  expect(at("/api/v1/tracks/bafk/audio")).toBe("https://node.example/api/v1/tracks/bafk/audio");
  expect(at("//elsewhere.example/a")).toBe("//elsewhere.example/a");
  expect(at("a.smsg")).toBe("a.smsg");
  expect(asked({ search: "", hash: "#url=/a", origin: "null" }).url, "a page from a file").toBe("/a");
});

it("links web addresses only, and says where they lead", () => {
  const links = { shop: "https://shop.example/x", script: "javascript:alert(1)", data: "data:text/html,x", file: "file:///etc", none: "", "": "http://plain.example" };
  expect(webLinks(links)).toEqual([
    { name: "shop", href: "https://shop.example/x", host: "shop.example" },
    { name: "plain.example", href: "http://plain.example/", host: "plain.example" },
  ]);
  expect(webLinks(undefined)).toEqual([]);
});

it("tells addresses from pasted files", () => {
  expect(asAddress(" https://a.example/x.smsg\n")?.href).toBe("https://a.example/x.smsg");
  for (const text of ["U01TRwI", "javascript:alert(1)", "https://a b", "see https://a.example", "file:///x"]) expect(asAddress(text)).toBeUndefined();
});

it("puts tracks in order and finds the one that plays", () => {
  const marks = marksOf([{ title: "two", start: 60 }, { title: "", start: 0 }, { title: "bad", start: Number.NaN }, { title: "bad", start: -1 }]);
  expect(marks).toEqual([{ title: "Track 2", start: 0 }, { title: "two", start: 60 }]);
  expect(markAt(marks, 59)?.title).toBe("Track 2");
  expect(markAt(marks, 60)?.title).toBe("two");
  expect(markAt([], 5)).toBeUndefined();
});

it("has plain words for licences, and keeps what it does not know", () => {
  expect(licenceWords("perpetual")).toBe("yours to keep");
  expect(licenceWords("Site licence")).toBe("Site licence");
});

it("takes key and licence from a link to a file, and leaves them there", () => {
  const link = new URL("https://shop.example/a.smsg?x=1#k=MGH-AAAA&l=e30");
  expect(askedByLink(link)).toEqual({ url: "https://shop.example/a.smsg?x=1", key: "MGH-AAAA", licence: "e30" });
  expect(askedByLink(new URL("https://shop.example/a.smsg"))).toEqual({ url: "https://shop.example/a.smsg" });
  expect(withoutSecrets("#url=https://a/b&k=secret&l=paper")).not.toMatch(/secret|paper/);
  expect(withoutSecrets(`#url=${encodeURIComponent("https://a/b#k=secret")}`)).toBe(`#url=${encodeURIComponent("https://a/b")}`);
  expect(asked({ search: `?url=${encodeURIComponent("https://a/b#k=secret")}`, hash: "" }), "a server has seen that one").toEqual({ url: "https://a/b" });
});

it("says what a licence asks of a moment", () => {
  const terms = { licence: "rental", ranges: [] };
  expect(wishedAt(terms, 100, 0)).toEqual({ state: "play" });
  expect(wishedAt({ ...terms, notBefore: 200 }, 100, 0)).toEqual({ state: "wait", at: 200 });
  expect(wishedAt({ ...terms, notAfter: 99 }, 100, 0)).toEqual({ state: "over", at: 99 });
  expect(wishedAt({ ...terms, notAfter: 100 }, 100, 0)).toEqual({ state: "play" });
  expect(wishedAt({ ...terms, period: 10, notAfter: 500 }, 100, 80)).toEqual({ state: "over", at: 90 });
});

it("places a release's tracks by the clock of the stretch that plays", () => {
  const tracks = [
    { title: "One", start: 0, end: 60 },
    { title: "Two", start: 60, end: 120, type: "extended mix", loop: [70, 80] as const },
    { title: "Three", start: 120, end: 180 },
  ];
  const stretch = { part: 0, whole: false, start: 60, end: 125, tracks: [1, 2] };
  expect(marksIn(stretch, tracks)).toEqual([{ title: "Two", start: 0, mix: "extended mix", loop: [10, 20] }, { title: "Three", start: 60 }]);
  expect(marksIn({ ...stretch, tracks: [0, 1, 2] }, tracks), "what is not in it is left out").toHaveLength(2);
  expect(marksIn(stretch, tracks, 60)[0], "by the clock of the whole").toMatchObject({ start: 60, loop: [70, 80] });
  expect(marksIn({ ...stretch, end: 75 }, tracks)[0], "a loop that is cut is none").not.toHaveProperty("loop");
});

it("knows by which clock a stretch plays", () => {
  const stretch = { part: 0, whole: false, start: 60, end: 90, tracks: [] };
  expect(clockOf(stretch, 30.2), "frames without a time").toEqual({ begin: 0, end: 30.2 });
  expect(clockOf(stretch, 91), "frames that say it").toEqual({ begin: 60, end: 90 });
  expect(clockOf(stretch, 208), "and a beginning that speaks of the whole").toEqual({ begin: 60, end: 90 });
  expect(clockOf({ ...stretch, start: 0, end: 30 }, 208)).toEqual({ begin: 0, end: 30 });
  expect(clockOf({ ...stretch, whole: true, start: 0, end: 208 }, 207.9)).toEqual({ begin: 0, end: 207.9 });
});
