/** What the listener gave: a sealed file in one of its clothes, or the list of an adaptive release. */

import { inspect, openAbr, SealedError, type Abr, type Sealed, type Source } from "../../smsg";
import { load } from "../../smsg/module";
import moduleUrl from "../../wasm-older/osp_wasm_bg.wasm?url";

/** Something that a licence may open. */
export type Found = { readonly kind: "sealed"; readonly sealed: Sealed } | { readonly kind: "adaptive"; readonly abr: Abr };

/** Largest page or answer that is searched for a sealed file, bytes. */
const MAX_WRAPPER = 64 << 20;

/** An http(s) address, if the text is one and nothing else. */
export function asAddress(text: string): URL | undefined {
  const trimmed = text.trim();
  if (!/^https?:\/\/\S+$/i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  return new URL(trimmed);
}

/** Reads what it is and what it says in the clear. `artist`: the DID of who must have signed what is at the address. */
export async function look(source: Source, signal: AbortSignal, artist?: string): Promise<Found> {
  try {
    return { kind: "sealed", sealed: await inspect(source, { signal, ...(artist !== undefined && { artist }) }) };
  } catch (error) {
    const wrapped = await unwrap(source, error, signal).catch((inner: unknown) => {
      // What was said of the whole says more than that nothing was found inside.
      throw problemOf(inner) === "nothing_embedded" ? error : inner;
    });
    if (!wrapped) throw error;
    return wrapped;
  }
}

/** A page or an answer with a sealed file inside, or an adaptive release's list; asked only of what is no sealed file. */
async function unwrap(source: Source, error: unknown, signal: AbortSignal): Promise<Found | undefined> {
  if (!["bad_magic", "bad_base64"].includes(problemOf(error) ?? "")) return undefined;
  const blob = await contentOf(source, signal);
  if (!blob || blob.size > MAX_WRAPPER) return undefined;
  const beginning = (await blob.slice(0, 1024).text()).replace(/^\ufeff/, "").trimStart();
  if (!beginning.startsWith("<") && !beginning.startsWith("{")) return undefined;
  if (beginning.startsWith("{") && (await isAdaptive(blob))) {
    return { kind: "adaptive", abr: await openAbr(source instanceof URL ? source : blob, { signal }) };
  }
  const module = await load(moduleUrl);
  const file = module.extractEmbedded(new Uint8Array(await blob.arrayBuffer())) as Uint8Array<ArrayBuffer>;
  return { kind: "sealed", sealed: await inspect(new Blob([file]), { signal }) };
}

async function contentOf(source: Source, signal: AbortSignal): Promise<Blob | undefined> {
  if (typeof source === "string") return new Blob([source]);
  if (source instanceof Blob) return source;
  const response = await fetch(source, { signal });
  const length = Number(response.headers.get("Content-Length") ?? 0);
  if (!response.ok || length > MAX_WRAPPER) {
    await response.body?.cancel();
    return undefined;
  }
  return response.blob();
}

async function isAdaptive(blob: Blob): Promise<boolean> {
  if (blob.size > 1 << 20) return false;
  try {
    const { variants } = JSON.parse(await blob.text()) as { variants?: unknown };
    return Array.isArray(variants);
  } catch {
    return false;
  }
}

const problemOf = (error: unknown): string | undefined =>
  error instanceof SealedError ? error.problem : ((error as { problem?: string } | undefined)?.problem ?? undefined);
