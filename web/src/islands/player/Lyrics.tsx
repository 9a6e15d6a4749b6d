/** The words of the track, in step with it where they have times. Always text, never markup. */

import { createEffect, createMemo, createResource, For, Match, on, Switch } from "solid-js";
import { lineAt, linesOf, MAX_LYRICS_BYTES, type Line } from "../../lib/lrc";
import { t } from "../../lib/messages";
import type { Player } from "../../lib/player";
import { clock } from "../../lib/time";
import { fetchFew } from "../../lib/waveform";
import { Icon } from "./Icon";
import { showPanel } from "./panels";

async function wordsAt(address: string): Promise<readonly Line[] | undefined> {
  try {
    const bytes = await fetchFew(address, MAX_LYRICS_BYTES);
    return bytes && linesOf(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

export default function Lyrics(props: { readonly player: Player }) {
  const source = () => props.player.track()?.lyrics || undefined;
  const [words] = createResource(source, wordsAt);
  return (
    <>
      <header class="panel-head">
        <h2>{t().lyrics.title}</h2>
        <button type="button" class="icon" aria-label={t().bar.close} onClick={() => showPanel("lyrics", false)}>
          <Icon name="close" />
        </button>
      </header>
      <Switch>
        <Match when={!source()}>
          <p>{t().lyrics.none}</p>
        </Match>
        <Match when={words.state === "ready" && !words()}>
          <p>{t().lyrics.failed}</p>
        </Match>
        <Match when={!words.loading && words()}>{(lines) => <Lines player={props.player} lines={lines()} />}</Match>
      </Switch>
    </>
  );
}

function Lines(props: { readonly player: Player; readonly lines: readonly Line[] }) {
  const current = createMemo(() => lineAt(props.lines, props.player.state.position));
  let list!: HTMLDivElement;
  createEffect(
    on(current, (at) => {
      // Somebody who reads elsewhere in the list by keyboard is not carried off.
      if (at < 0 || list.contains(document.activeElement)) return;
      const line = list.children[at];
      if (!(line instanceof HTMLElement)) return;
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      list.scrollTo({ top: line.offsetTop - list.clientHeight / 2, behavior: calm ? "auto" : "smooth" });
    }),
  );
  return (
    <div class="lyrics-lines" ref={list} dir="auto">
      <For each={props.lines}>
        {(line, at) => (
          <p class="lyrics-line" dir="auto" aria-current={current() === at() ? "true" : undefined}>
            {line.at === undefined || line.text === "" ? (
              line.text
            ) : (
              <button
                type="button"
                aria-label={t().lyrics.from(clock(line.at), line.text)}
                onClick={() => props.player.seek(line.at ?? 0)}
              >
                {line.text}
              </button>
            )}
          </p>
        )}
      </For>
    </div>
  );
}
