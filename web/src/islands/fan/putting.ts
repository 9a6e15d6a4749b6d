/** What of an opened release goes on the shelf, and how it gets there. */

import { createSignal } from "solid-js";
import { announce } from "../../lib/dom";
import { t } from "../../lib/messages";
import { reasonOf } from "../../lib/offline/words";
import { inspect, type Credential, type Source } from "../../smsg";
import type { KeptTerms } from "../../lib/offline/index-of";
import type { Paper } from "../../lib/offline/shelf";
import type { Content } from "./content";
import { licenceWords } from "./dates";
import type { Fan, Subject } from "./fan";
import type { KeyFile } from "./licence";
import { extent, requests } from "./Licence";

/** Largest picture from inside that is looked at, bytes. */
const MOST_COVER = 1 << 20;

/** The file that arrived is not the one that is open. */
class OtherFile extends Error {}

export function createPutting(fan: Fan, subject: Subject, source: Source) {
  /** 0 to 100 while it is put there. */
  const [percent, setPercent] = createSignal<number>();
  /** Its id once it is there. */
  const [id, setId] = createSignal<string>();

  const title = () => fan.manifest()?.title ?? subject.from;

  async function put(withKey: boolean): Promise<void> {
    setPercent(0);
    fan.say(undefined);
    // What opened it now: it may be closed before all bytes are here.
    const credential = withKey ? fan.credential() : undefined;
    try {
      const { putOn, storeKey } = await import("../../lib/offline/shelf");
      const { size } = source instanceof Blob ? source : { size: subject.info?.size };
      const content = fan.content();
      const terms = content && !content.isPreview ? termsOf(content, subject) : undefined;
      const paper = content && !content.isPreview ? await paperOf(fan.licence()) : undefined;
      const cover = content && (await coverOf(content));
      const release = {
        title: title(),
        artist: fan.manifest()?.artist ?? "",
        from: subject.from,
        ...(subject.recordOf && { recordOf: subject.recordOf }),
        ...(terms && { terms }),
        ...(cover && { cover }),
        ...(paper && { paper }),
      };
      const tell = (done: number) => setPercent(size ? Math.min(100, Math.round((done / size) * 100)) : 0);
      const shelved = await putOn(release, () => bodyOf(source), size, tell, (file) => checkSame(file, subject));
      if (credential) await storeKey(shelved, storable(credential));
      setId(shelved);
      announce(t().shelf.isOn(title()));
    } catch (error) {
      fan.say({ sentence: t().device.notKept(title(), await whyNot(error)) });
    } finally {
      setPercent(undefined);
    }
  }

  async function keepKey(of: string): Promise<void> {
    const credential = fan.credential();
    const { storeKey } = await import("../../lib/offline/shelf");
    if (credential) await storeKey(of, storable(credential));
  }

  return { percent, id, put, keepKey };
}

async function whyNot(error: unknown): Promise<string> {
  if (error instanceof OtherFile) return t().shelf.otherFile;
  const { refusalOf } = await import("../../lib/offline/keep");
  return reasonOf(refusalOf(error));
}

/** Bytes of a view may lie in a larger buffer, of which nothing else is to be stored. */
const storable = (credential: Credential): Credential =>
  credential.kind === "key" && credential.licence instanceof Uint8Array ? { ...credential, licence: credential.licence.slice() } : credential;

async function bodyOf(source: Source): Promise<ReadableStream<Uint8Array>> {
  if (typeof source === "string") return new Blob([source]).stream();
  if (source instanceof Blob) return source.stream();
  const response = await fetch(source);
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  return response.body;
}

/** What opens it besides the key; a table is taken from its address now. */
async function paperOf(given: KeyFile | undefined): Promise<Paper | undefined> {
  if (!given) return undefined;
  const { name } = given;
  if ("bytes" in given) return { name, body: new Blob([given.bytes as Uint8Array<ArrayBuffer>]) };
  if (typeof given.table !== "string") return { name, body: given.table };
  const response = await fetch(given.table);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return { name, body: await response.blob() };
}

/** A server may give another file the second time. */
async function checkSame(file: File, { info }: Subject): Promise<void> {
  if (!info?.release) return;
  const sealed = await inspect(file).catch(() => undefined);
  sealed?.close();
  if (sealed?.info.release?.id !== info.release.id) throw new OtherFile("another file arrived");
}

function termsOf({ terms, items }: Content, { info }: Subject): KeptTerms | undefined {
  if (!terms) return undefined;
  const parts = info?.release?.parts ?? [];
  const isAll = items.length === parts.length && items.every(({ stretch }) => stretch?.whole);
  const opens = items.map((item) => {
    const name = parts[item.stretch?.part ?? -1]?.name ?? item.name;
    return item.stretch?.whole === false ? `${name} ${extent(item)}` : name;
  });
  return { kind: licenceWords(terms.licence), opens: isAll ? [t().shelf.everything] : opens.slice(0, 6), asks: requests(terms) };
}

async function coverOf(content: Content): Promise<Blob | undefined> {
  const picture = content.items.find((item) => item.kind === "image");
  if (!picture || picture.size > MOST_COVER) return undefined;
  try {
    const bytes = await content.release.read(picture.index, 0, picture.size);
    return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: picture.type });
  } catch {
    return undefined;
  }
}
