/** One sealed release on the shelf: what it is, what its licence opens and asks, and whether its key is here, too. */

import { createResource, onCleanup, Show } from "solid-js";
import { announce } from "../../lib/dom";
import { bytes } from "../../lib/format";
import { t } from "../../lib/messages";
import { open as openFile } from "../../lib/offline/files";
import type { Shelved } from "../../lib/offline/index-of";

interface Props {
  readonly entry: Shelved;
  /** Where it opens; without, `onOpen` does it here. */
  readonly href?: string;
  readonly onOpen?: () => void;
}

const module = () => import("../../lib/offline/shelf");

export function ShelfEntry(props: Props) {
  const { entry } = props;
  const name = () => t().by(entry.title, entry.artist || "…");
  const shown = () => (entry.artist === "" ? entry.title : name());
  const [cover] = createResource(async () => {
    const file = entry.cover > 0 ? await openFile("covers", entry.id) : undefined;
    return file && URL.createObjectURL(file);
  });
  onCleanup(() => cover.state === "ready" && cover() !== undefined && URL.revokeObjectURL(cover()!));
  const takeOff = async () => {
    await (await module()).takeOff(entry.id);
    announce(t().shelf.taken(shown()));
  };
  const forget = async () => {
    await (await module()).forgetKey(entry.id);
    announce(t().shelf.keyForgotten);
  };
  const inside = () => (
    <>
      <span class="visually-hidden">{t().shelf.open} </span>
      <span class="shelf-front">
        <Show when={cover()} fallback={<span class="shelf-sheet" aria-hidden="true" />}>
          {(address) => <img src={address()} alt="" />}
        </Show>
      </span>
      <span class="shelf-title">
        <bdi>{entry.title}</bdi>
      </span>
      <Show when={entry.artist}>
        <bdi class="queue-artist">{entry.artist}</bdi>
      </Show>
    </>
  );
  return (
    <li class="shelf-entry">
      <Show
        when={props.href}
        fallback={
          <button type="button" class="shelf-open" onClick={() => props.onOpen?.()}>
            {inside()}
          </button>
        }
      >
        {(href) => (
          <a class="shelf-open" href={href()}>
            {inside()}
          </a>
        )}
      </Show>
      <Show when={entry.terms}>
        {(terms) => (
          <p class="shelf-terms">
            <bdi>{terms().kind}</bdi>
            <Show when={terms().opens.length > 0}>
              <br />
              {t().shelf.opens}: <bdi>{terms().opens.join(", ")}</bdi>
            </Show>
            <Show when={terms().asks.length > 0}>
              <br />
              {t().shelf.asks}: {terms().asks.join("; ")}
            </Show>
          </p>
        )}
      </Show>
      <p class="shelf-key" data-key={entry.hasKey ? "" : undefined}>
        {entry.hasKey ? t().shelf.keyKept : t().shelf.keyAsked} · <span class="device-size">{bytes(entry.size)}</span>
      </p>
      <p class="shelf-actions">
        <Show when={entry.hasKey}>
          <button type="button" class="quiet" aria-label={t().shelf.forgetKeyOf(shown())} onClick={() => void forget()}>
            {t().shelf.forgetKey}
          </button>
        </Show>
        <button type="button" class="quiet" aria-label={t().shelf.takeOffOne(shown())} onClick={() => void takeOff()}>
          {t().shelf.takeOff}
        </button>
      </p>
    </li>
  );
}
