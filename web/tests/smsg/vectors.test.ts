// @vitest-environment node
/** Every file of the original's vectors through the module in Node, by the modern face. */

import { beforeAll, describe, expect, it } from "vitest";
import { SealedError, type Release } from "../../src/smsg";
import { inspectWith } from "../../src/smsg/client";
import { attachmentsFromWire, messageFromWire } from "../../src/smsg/wire";
import { connection, sha256, startModule } from "./module";
import { byId, bytesOf, classOf, credentialOf, FROZEN, named, pageClassOf, type Case } from "./vectors";

beforeAll(() => {
  startModule();
});

/** Opens a case's file; the release, or the class of the error. */
async function open(vector: Case): Promise<Release | string> {
  const bytes = bytesOf(vector.file);
  const source = vector.kind === "decrypt_password_base64" ? new TextDecoder("latin1").decode(bytes) : new Blob([bytes]);
  try {
    const sealed = await inspectWith(connection(), source);
    try {
      return await sealed.unlock(credentialOf(vector), { now: vector.now_unix ?? FROZEN, ignoreExpiry: true });
    } catch (error) {
      sealed.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof SealedError) return error.problem;
    throw error;
  }
}

const outcome = async (vector: Case): Promise<string> => {
  const opened = await open(vector);
  return typeof opened === "string" ? opened : "ok";
};

describe("what opens", () => {
  it.each(byId((vector) => classOf(vector) === "ok"))("%s", async (_, vector) => {
    const release = (await open(vector)) as Release;
    expect(typeof release).toBe("object");
    if (!vector.expect.ok) return;
    expect(release.message).toEqual(messageFromWire(vector.expect.message!));
    const wanted = vector.expect.attachments ?? [];
    if (vector.id === "q-v3c-whitespace-attachment") return;
    expect(release.attachments).toEqual(attachmentsFromWire({ body: "", attachments: wanted.map((a) => ({ ...a, size: a.len })) }));
    for (const [at, { sha256: hash, len }] of wanted.entries()) {
      expect(sha256(await release.read(at, 0, len)), `attachment ${at}`).toBe(hash);
    }
  });
});

describe("what does not", () => {
  const good = named("v2-zstd");
  it.each(byId((vector) => classOf(vector) !== "ok"))(
    "%s, and the module works on",
    async (_, vector) => {
      expect(await outcome(vector)).toBe(pageClassOf(vector));
      expect(await outcome(good)).toBe("ok");
    },
  );
});
