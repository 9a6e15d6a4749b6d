/** Everything that came out of the file, to save. */

import { createResource, createSignal, For, Show } from "solid-js";
import { bytes } from "../../lib/format";
import { f } from "../../lib/messages/fan";
import type { Content, Item } from "./content";

/** Milliseconds between two saves, so that a browser takes them for what they are. */
const BETWEEN = 400;

export function Attachments(props: { readonly content: Content }) {
  const items = props.content.items;
  const [failed, setFailed] = createSignal<string>();
  const save = (item: Item) => {
    setFailed(undefined);
    return props.content.save(item).catch(() => setFailed(f().files.notSaved(item.fileName)));
  };
  const saveAll = async () => {
    for (const [place, item] of items.entries()) {
      if (place > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN));
      await save(item);
    }
  };
  return (
    <Show when={items.length > 0}>
      <section class="fan-files" aria-labelledby="fan-files">
        <h3 id="fan-files">{f().files.title}</h3>
        <ul>
          <For each={items}>
            {(item) => (
              <li>
                <Show when={item.kind === "image"}>
                  <Picture content={props.content} item={item} />
                </Show>
                <span class="fan-file-name">
                  <bdi>{item.name}</bdi>
                </span>
                <span class="fan-file-size">{bytes(item.size)}</span>
                <button type="button" class="button" aria-label={f().files.saveOf(item.fileName)} onClick={() => void save(item)}>
                  {f().files.save}
                </button>
              </li>
            )}
          </For>
        </ul>
        <Show when={items.length > 1}>
          <button type="button" class="button" onClick={() => void saveAll()}>
            {f().files.saveAll}
          </button>
        </Show>
        <p role="alert">{failed()}</p>
      </section>
    </Show>
  );
}

function Picture(props: { readonly content: Content; readonly item: Item }) {
  const [address] = createResource(() => props.content.addressOf(props.item));
  return <Show when={address()}>{(src) => <img src={src()} alt={props.item.fileName} />}</Show>;
}
