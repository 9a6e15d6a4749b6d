/** What the page knows and can do, apart from how it looks. */

import { createSignal } from "solid-js";
import { announce } from "../../lib/dom";
import { t } from "../../lib/messages";
import { f } from "../../lib/messages/fan";
import type { Shelved } from "../../lib/offline/index-of";
import type { Abr, Credential, Manifest, Release, Sealed, SealedInfo, Source } from "../../smsg";
import { checkKey } from "../../smsg";
import { askedByLink, type Asked } from "./address";
import { checkAsked, foundBeside, keyFileOf, type KeyFile } from "./licence";
import { Variants } from "./adaptive/variants";
import { Content } from "./content";
import { Attachments } from "./attachments";
import { troubleOf, type Trouble } from "./problems";
import { asAddress, look } from "./source";

/** What was given, as far as it can be read without a key. */
export interface Subject {
  /** File name or address. */
  readonly from: string;
  /** Absent for the list of an adaptive release: its parts say it, and they are not asked before the listener unlocks. */
  readonly info?: SealedInfo;
  readonly abr?: Abr;
  readonly opensWith: "key" | "licence";
  /** What was given, so that it can be kept; the list of an adaptive release is not. */
  readonly source?: Source;
  /** The signer of the record that led here, who is the file's, too. */
  readonly recordOf?: string;
  unlock(credential: Credential, options: { ignoreExpiry: boolean; signal: AbortSignal; onProgress(done: number, total: number): void }): Promise<Release>;
  readonly variants?: Variants;
  close(): void;
}

export type Fan = ReturnType<typeof createFan>;

export function createFan() {
  const [subject, setSubject] = createSignal<Subject>();
  const [content, setContent] = createSignal<Content>();
  const [manifest, setManifest] = createSignal<Manifest>();
  const [trouble, setTrouble] = createSignal<Trouble>();
  /** What is being done, for people; `undefined` when nothing is. */
  const [busy, setBusy] = createSignal<string>();
  /** What opens the file, if its address said so. */
  const [wish, setWish] = createSignal<Asked>();
  /** A licence or a table of keys that was given as a file. */
  const [licence, setLicence] = createSignal<KeyFile>();
  /** 0 to 1, where known. */
  const [progress, setProgress] = createSignal<number>();
  const host = Attachments.start();
  let working = new AbortController();
  let last: { credential: Credential } | undefined;

  /** Begins something; whatever was going on ends. */
  function begin(what: string): AbortSignal {
    working.abort();
    working = new AbortController();
    setTrouble(undefined);
    setProgress(undefined);
    setBusy(what);
    announce(what);
    return working.signal;
  }

  function end(signal: AbortSignal, error?: unknown, ignoredExpiry = false) {
    if (signal.aborted) return;
    setBusy(undefined);
    setProgress(undefined);
    if (error === undefined) return;
    const { opensWith = "key", info } = subject() ?? {};
    const endedAt = info?.isExpired && !ignoredExpiry ? info.expiresAt : undefined;
    setTrouble(troubleOf(error, { opensWith, endedAt, isRelease: info?.release !== undefined }));
  }

  /** `known`, `paper`: what opens it, which the listener had kept. */
  async function choose(source: Source, from: string, asks?: Asked, known?: Credential, paper?: KeyFile) {
    if (source instanceof File && subject()?.info?.release && /\.smsg[lk]$/.test(source.name)) return takeKeyFile(source);
    forget();
    setWish(asks);
    setLicence(paper);
    const signal = begin(f().busy.reading(from));
    try {
      const found = await look(source, signal, asks?.artist);
      const next = found.kind === "sealed" ? sealedSubject(found.sealed, source, from, asks?.artist) : adaptiveSubject(found.abr, from);
      if (signal.aborted) {
        next.close();
        return;
      }
      setSubject(next);
      setManifest(next.info?.manifest);
      end(signal);
      if (known && !signal.aborted) return await unlock(withPaper(known, paper));
      // A key in the page's address has begun to open it meanwhile.
      if (next.info?.release?.preview && !asks?.key && !signal.aborted) await unlock({ kind: "preview" });
    } catch (error) {
      end(signal, error);
    }
  }

  /** A licence, or a table of keys. */
  async function takeKeyFile(file: File) {
    setLicence(await keyFileOf(file.name, file));
    setTrouble(undefined);
    announce(f().busy.atHand(file.name));
  }

  async function unlock(credential: Credential, ignoreExpiry = false) {
    const from = subject();
    if (!from) return;
    if (credential.kind !== "preview") last = { credential };
    const signal = begin(f().busy.opening);
    const onProgress = (done: number, total: number) => {
      if (!signal.aborted) setProgress(total > 0 ? done / total : undefined);
    };
    try {
      const release = await unlockAsTyped(from, credential, { ignoreExpiry, signal, onProgress });
      if (!ignoreExpiry && release.terms) checkAsked(release, from.info?.release?.id);
      const [bridge, variants] = [await host, from.variants];
      if (signal.aborted) {
        release.close();
        return;
      }
      if (variants?.manifest) setManifest(variants.manifest);
      content()?.close();
      if (release.beside) setLicence(foundBeside(release.beside));
      const isPreview = credential.kind === "preview";
      setContent(contentOf(from, release, bridge, isPreview));
      end(signal);
      announce(isPreview ? f().busy.previewOpen : f().busy.opened);
    } catch (error) {
      end(signal, error, ignoreExpiry);
      // Whose key does not open it hears at least what everybody may.
      if (!signal.aborted && credential.kind === "key" && !content() && from.info?.release?.preview) await openPreview(from, signal);
    }
  }

  /** Beside what is said of the key. */
  async function openPreview(from: Subject, signal: AbortSignal) {
    const release = await from.unlock({ kind: "preview" }, { ignoreExpiry: true, signal, onProgress: () => {} }).catch(() => undefined);
    const bridge = await host;
    if (!release) return;
    if (signal.aborted || content()) release.close();
    else setContent(contentOf(from, release, bridge, true));
  }

  function contentOf(from: Subject, release: Release, bridge: Attachments | undefined, isPreview: boolean): Content {
    const known = { opensWith: from.opensWith, isRelease: from.info?.release !== undefined };
    return new Content(release, bridge, (error) => setTrouble(troubleOf(error, known)), isPreview);
  }

  function forget() {
    working.abort();
    content()?.close();
    subject()?.close();
    setContent(undefined);
    setSubject(undefined);
    setManifest(undefined);
    setTrouble(undefined);
    setBusy(undefined);
    setWish(undefined);
    setLicence(undefined);
    last = undefined;
  }

  return {
    subject,
    content,
    manifest,
    trouble,
    busy,
    progress,
    wish,
    licence,
    takeKeyFile,
    choose,
    unlock,
    forget,
    /** The same key again, past the artist's date. */
    /** What opened it, if a key did. */
    credential: () => (content()?.isPreview === false ? last?.credential : undefined),
    /** A release from the shelf, with its key if that was kept. */
    async openShelved({ id, from, recordOf, hasKey }: Shelved) {
      const { fileOf, keyOf, paperOf } = await import("../../lib/offline/shelf");
      const [file, key, kept] = [await fileOf(id), hasKey ? await keyOf(id) : undefined, await paperOf(id)];
      const paper = kept && (await keyFileOf(kept.name, kept.body));
      if (!file) return setTrouble({ sentence: t().shelf.gone });
      await choose(file, from, recordOf === undefined ? {} : { artist: recordOf }, key, paper);
    },
    openAnyway: () => (last ? unlock(last.credential, true) : Promise.resolve()),
    /** Text that somebody typed or pasted: an address, or the file itself. */
    chooseText(text: string, asks?: Asked) {
      const link = asAddress(text);
      if (link) {
        const byLink = askedByLink(link);
        return choose(new URL(byLink.url!), byLink.url!, { ...byLink, ...asks });
      }
      return choose(text.trim(), f().busy.pasted);
    },
    say: setTrouble,
    stop() {
      working.abort();
      setBusy(undefined);
      setProgress(undefined);
    },
  };
}

/** A key with what lay beside the file when it was opened first. */
function withPaper(known: Credential, paper: KeyFile | undefined): Credential {
  if (!paper || known.kind !== "key" || known.licence !== undefined || known.table !== undefined) return known;
  return "table" in paper ? { ...known, table: paper.table } : { ...known, licence: paper.bytes };
}

type UnlockOptions = Parameters<Subject["unlock"]>[1];

/** As typed; and, if that is not it, as our keys are written: capitals and hyphens where small letters and spaces were typed. */
async function unlockAsTyped(subject: Subject, credential: Credential, options: UnlockOptions): Promise<Release> {
  try {
    return await subject.unlock(credential, options);
  } catch (error) {
    if (credential.kind !== "key" || (error as { problem?: string }).problem !== "decryption_failed") throw error;
    const check = await checkKey(credential.key).catch(() => undefined);
    const canonical = check && "canonical" in check ? check.canonical : credential.key;
    if (canonical === credential.key) throw error;
    return subject.unlock({ kind: "key", key: canonical }, options);
  }
}

function sealedSubject(sealed: Sealed, source: Source, from: string, recordOf: string | undefined): Subject {
  const { info } = sealed;
  return { from, source, info, ...(recordOf && info.release && { recordOf }), opensWith: info.opensWith, unlock: (credential, options) => sealed.unlock(credential, options), close: () => sealed.close() };
}

function adaptiveSubject(abr: Abr, from: string): Subject {
  const variants = new Variants(abr);
  return {
    from,
    abr,
    variants,
    opensWith: "licence",
    unlock: (credential, options) => variants.unlock(credential, options),
    close: () => variants.close(),
  };
}
