/** The shelf: what is on it, and the way there for what is open. */

import { createSignal, createUniqueId, For, Show } from "solid-js";
import { announce } from "../../lib/dom";
import { t } from "../../lib/messages";
import { shelf } from "../../lib/offline/kept";
import type { Source } from "../../smsg";
import { ShelfEntry } from "../offline/ShelfEntry";
import type { Fan, Subject } from "./fan";
import { createPutting } from "./putting";

export function ShelfList(props: { readonly fan: Fan }) {
  return (
    <Show when={shelf().length > 0}>
      <section class="fan-shelf-list" aria-labelledby="fan-shelf" lang={t().code}>
        <h2 id="fan-shelf">{t().shelf.title}</h2>
        <ul class="shelf">
          <For each={shelf()}>{(entry) => <ShelfEntry entry={entry} onOpen={() => void props.fan.openShelved(entry)} />}</For>
        </ul>
        <p class="fan-note">{t().shelf.note}</p>
      </section>
    </Show>
  );
}

const module = () => import("../../lib/offline/shelf");

async function forgetKey(of: string) {
  await (await module()).forgetKey(of);
  announce(t().shelf.keyForgotten);
}

export function ShelfPart(props: { readonly fan: Fan; readonly subject: Subject; readonly source: Source }) {
  const note = createUniqueId();
  const { fan, subject, source } = props;
  const putting = createPutting(fan, subject, source);
  const [withKey, setWithKey] = createSignal(false);
  // A file from the shelf is called by its id.
  const id = () => putting.id() ?? (source instanceof File ? source.name : undefined);
  const entry = () => shelf().find((one) => one.id === id());
  const hasKey = () => fan.credential() !== undefined;
  const takeOff = async (gone: string) => {
    await (await module()).takeOff(gone);
    announce(t().shelf.taken(fan.manifest()?.title ?? subject.from));
  };
  return (
    <section class="fan-shelf" aria-label={t().shelf.title} lang={t().code}>
      <Show
        when={entry()}
        fallback={
          <Show when={putting.percent() === undefined} fallback={<p>{t().shelf.putting(putting.percent() ?? 0)}</p>}>
            <p class="fan-shelf-line">
              <button type="button" class="button" onClick={() => void putting.put(withKey())}>
                {t().shelf.put}
              </button>
              <Show when={hasKey()}>
                <label class="fan-shelf-check">
                  <input
                    type="checkbox"
                    checked={withKey()}
                    aria-describedby={note}
                    onChange={(event) => setWithKey(event.currentTarget.checked)}
                  />
                  {t().shelf.withKey}
                </label>
              </Show>
            </p>
            <p class="fan-note" id={note}>
              {t().shelf.note} {hasKey() ? t().shelf.keyNote : ""}
            </p>
          </Show>
        }
      >
        {(one) => (
          <>
            <p class="fan-shelf-on">{t().shelf.on}</p>
            <p class="fan-note">{one().hasKey ? t().shelf.keyKept : t().shelf.keyAsked}</p>
            <p class="fan-shelf-line">
              <Show when={one().hasKey}>
                <button type="button" class="quiet" onClick={() => void forgetKey(one().id)}>
                  {t().shelf.forgetKey}
                </button>
              </Show>
              <Show when={!one().hasKey && hasKey()}>
                <button type="button" class="quiet" onClick={() => void putting.keepKey(one().id)}>
                  {t().shelf.withKey}
                </button>
              </Show>
              <button type="button" class="quiet" onClick={() => void takeOff(one().id)}>
                {t().shelf.takeOff}
              </button>
            </p>
          </>
        )}
      </Show>
    </section>
  );
}
