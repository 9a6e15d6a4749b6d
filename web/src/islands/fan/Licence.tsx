/** What a licence of version 3.0 opens, which its keys enforce, and what it asks, which nothing does. */

import { For, Show } from "solid-js";
import { clock } from "../../lib/time";
import type { ReleaseInfo, Terms } from "../../smsg";
import type { Content, Item } from "./content";
import { day, isoDay, licenceWords } from "./dates";

interface Props {
  readonly terms: Terms;
  readonly content: Content;
  readonly release: ReleaseInfo | undefined;
}

export function Licence(props: Props) {
  const { terms, content, release } = props;
  const all = content.items.length === release?.parts.length && content.items.every(({ stretch }) => stretch?.whole);
  const cut = release?.cuts.find(({ name }) => name === terms.cut);
  const asks = requests(terms);
  return (
    <section class="fan-licence" aria-labelledby="fan-licence">
      <h3 id="fan-licence">{content.isPreview ? "This preview" : "Your licence"}</h3>
      <dl class="facts">
        <dt>Kind</dt>
        <dd>
          <bdi>{licenceWords(terms.licence)}</bdi>
        </dd>
        <dt>Opens</dt>
        <dd>
          <Show when={!all} fallback="everything in this file">
            <Show when={cut ?? terms.cut}>
              <bdi>{cut?.title ?? terms.cut}</bdi>
            </Show>
            <ul class="fan-opens">
              <For each={content.items}>
                {(item) => (
                  <li>
                    <bdi>{release?.parts[item.stretch?.part ?? -1]?.name ?? item.name}</bdi> {extent(item)}
                  </li>
                )}
              </For>
            </ul>
          </Show>
        </dd>
        <Show when={terms.tier}>
          <dt>Tier</dt>
          <dd>
            <bdi>{terms.tier}</bdi>
          </dd>
        </Show>
        <Show when={terms.buyer}>
          <dt>Sold to</dt>
          <dd>
            <bdi>{terms.buyer}</bdi>
          </dd>
        </Show>
        <Show when={terms.sale ?? content.serial}>
          {(sale) => (
            <>
              <dt>Sale</dt>
              <dd>
                <bdi>{sale()}</bdi>
              </dd>
            </>
          )}
        </Show>
        <Show when={terms.issued}>
          {(at) => (
            <>
              <dt>Sold on</dt>
              <dd>
                <time datetime={isoDay(at())}>{day(at())}</time>
              </dd>
            </>
          )}
        </Show>
        <Show when={asks.length > 0}>
          <dt>Asks</dt>
          <dd>{asks.join("; ")}</dd>
        </Show>
      </dl>
      <p class="fan-note">
        What it opens is enforced: there are no keys here for the rest.
        <Show when={asks.length > 0}> What it asks about time is a request of the artist, and no lock.</Show>
      </p>
    </section>
  );
}

/** What is asked about time. */
export function requests({ notBefore, notAfter, period }: Terms): string[] {
  return [
    ...(notBefore === undefined ? [] : [`not before ${day(notBefore)}`]),
    ...(notAfter === undefined ? [] : [`not after ${day(notAfter)}`]),
    ...(period === undefined ? [] : [`${span(period)} from the first time`]),
  ];
}

const span = (seconds: number): string => {
  const [count, unit] = seconds >= 172_800 ? [Math.round(seconds / 86_400), "days"] : [Math.max(1, Math.round(seconds / 3600)), "hours"];
  return count === 1 ? "1 hour" : `${count} ${unit}`;
};

/** Which part of a file: `0:00 to 0:30`. */
export function extent({ stretch }: Item): string {
  if (!stretch || stretch.whole) return "whole";
  return `${clock(stretch.start)} to ${stretch.end === undefined ? "the end" : clock(stretch.end)}`;
}
