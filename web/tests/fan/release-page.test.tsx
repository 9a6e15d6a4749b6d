import { createSignal } from "solid-js";
import { render } from "solid-js/web";
import { expect, it } from "vitest";
import type { Content } from "../../src/islands/fan/content";
import type { Fan, Subject } from "../../src/islands/fan/fan";
import { ReleasePage } from "../../src/islands/fan/ReleasePage";

const nothing = () => undefined;

it("a key that is being typed stays when the preview comes", () => {
  const [content, setContent] = createSignal<Content>();
  const fan = { content, manifest: nothing, trouble: nothing, busy: nothing, progress: nothing, licence: nothing } as unknown as Fan;
  const subject = { from: "song.smsg", opensWith: "key", info: undefined } as unknown as Subject;
  const dispose = render(() => <ReleasePage fan={fan} subject={subject} wish={{}} hasShelf={false} />, document.body);

  const field = () => document.querySelector<HTMLInputElement>("#fan-key");
  const typing = field()!;
  typing.value = "MGH-half";
  typing.dispatchEvent(new Event("input", { bubbles: true }));
  const opened = { items: [], message: { subject: "", body: "", from: "" }, terms: undefined };
  setContent({ ...opened, isPreview: true } as unknown as Content);
  expect(document.body.textContent).toContain("A preview, open to everybody");
  expect(field()).toBe(typing);
  expect(field()?.value).toBe("MGH-half");

  setContent({ ...opened, isPreview: false } as unknown as Content);
  expect(field()).toBeNull();
  dispose();
});
