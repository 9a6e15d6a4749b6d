/** What a licence of version 3.0 opens, which its keys enforce, and what it asks, which nothing does. */

import { For, Show } from "solid-js";
import { f } from "../../lib/messages/fan";
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
  const asks = () => requests(terms);
  return (
    <section class="fan-licence" aria-labelledby="fan-licence">
      <h3 id="fan-licence">{content.isPreview ? f().licence.preview : f().licence.yours}</h3>
      <dl class="facts">
        <dt>{f().licence.kind}</dt>
        <dd>
          <bdi>{licenceWords(terms.licence)}</bdi>
        </dd>
        <dt>{f().licence.opens}</dt>
        <dd>
          <Show when={!all} fallback={f().licence.everything}>
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
          <dt>{f().licence.tier}</dt>
          <dd>
            <bdi>{terms.tier}</bdi>
          </dd>
        </Show>
        <Show when={terms.buyer}>
          <dt>{f().licence.soldTo}</dt>
          <dd>
            <bdi>{terms.buyer}</bdi>
          </dd>
        </Show>
        <Show when={terms.sale ?? content.serial}>
          {(sale) => (
            <>
              <dt>{f().licence.sale}</dt>
              <dd>
                <bdi>{sale()}</bdi>
              </dd>
            </>
          )}
        </Show>
        <Show when={terms.issued}>
          {(at) => (
            <>
              <dt>{f().licence.soldOn}</dt>
              <dd>
                <time datetime={isoDay(at())}>{day(at())}</time>
              </dd>
            </>
          )}
        </Show>
        <Show when={asks().length > 0}>
          <dt>{f().licence.asks}</dt>
          <dd>{asks().join("; ")}</dd>
        </Show>
      </dl>
      <p class="fan-note">
        {f().licence.enforced}
        <Show when={asks().length > 0}> {f().licence.requests}</Show>
      </p>
    </section>
  );
}

/** What is asked about time. */
export function requests({ notBefore, notAfter, period }: Terms): string[] {
  return [
    ...(notBefore === undefined ? [] : [f().licence.notBefore(day(notBefore))]),
    ...(notAfter === undefined ? [] : [f().licence.notAfter(day(notAfter))]),
    ...(period === undefined ? [] : [f().licence.period(span(period))]),
  ];
}

const span = (seconds: number): string =>
  seconds >= 172_800 ? f().licence.days(Math.round(seconds / 86_400)) : f().licence.hours(Math.max(1, Math.round(seconds / 3600)));

/** Which part of a file: `0:00 to 0:30`. */
export function extent({ stretch }: Item): string {
  if (!stretch || stretch.whole) return f().licence.whole;
  return f().licence.from(clock(stretch.start), stretch.end === undefined ? f().licence.toTheEnd : clock(stretch.end));
}
