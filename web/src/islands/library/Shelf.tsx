/** Sealed releases that are kept: each leads to the page that opens it. */

import { For, Show } from "solid-js";
import { addresses } from "../../lib/addresses";
import { t } from "../../lib/messages";
import { shelf } from "../../lib/offline/kept";
import { ShelfEntry } from "../offline/ShelfEntry";

export function Shelf() {
  return (
    <section class="device-part" aria-label={t().device.sealed}>
      <header class="device-head">
        <h2>{t().device.sealed}</h2>
        <a class="quiet" href={addresses.fan.page}>
          {t().device.openAnother}
        </a>
      </header>
      <Show when={shelf().length > 0} fallback={<p class="library-note">{t().device.noSealed}</p>}>
        <ul class="shelf">
          <For each={shelf()}>{(entry) => <ShelfEntry entry={entry} href={`${addresses.fan.page}#shelf=${encodeURIComponent(entry.id)}`} />}</For>
        </ul>
      </Show>
    </section>
  );
}
