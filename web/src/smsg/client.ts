/** The page's side: calls in, answers of the Worker out. */

import type { Abr, Draft, InspectOptions, KeyCheck, Sealed, Source, Target } from "./types";

const missing = (): never => {
  throw new Error("not written yet");
};

/** Reads the header, and nothing more: by Range requests for a URL, by small slices for a Blob. */
export async function inspect(source: Source, options?: InspectOptions): Promise<Sealed> {
  return missing.call([source, options]);
}

/** Seals a release; the file as a Blob. */
export async function seal(draft: Draft, target: Target): Promise<Blob> {
  return missing.call([draft, target]);
}

/** Looks for typing errors in a licence key, offline. */
export async function checkKey(text: string): Promise<KeyCheck> {
  return missing.call([text]);
}

/** Makes a licence key. */
export async function newKey(style: "code" | "words" | "uuid" = "code", prefix?: string): Promise<string> {
  return missing.call([style, prefix]);
}

/** Opens an adaptive manifest. */
export async function openAbr(manifest: URL | Blob, options?: InspectOptions): Promise<Abr> {
  return missing.call([manifest, options]);
}
