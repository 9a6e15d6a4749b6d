/** How much is used of what the listener allows, and what the browser says of it. */

import { createResource, createUniqueId, For, Show } from "solid-js";
import { bytes } from "../../lib/format";
import { t } from "../../lib/messages";
import { allowed, setAllowed, used } from "../../lib/offline/kept";
import { CHOICES } from "../../lib/offline/room";

// What is allowed need not be one of the choices: it may be an older setting.
const choices = () => [...new Set([...CHOICES, allowed()])].toSorted((a, b) => a - b);
const share = () => Math.min(100, (used() / allowed()) * 100);

export function Room() {
  const id = createUniqueId();
  const [promised] = createResource(used, async () => navigator.storage?.persisted?.() ?? false);
  return (
    <section class="device-room" aria-label={t().device.room}>
      <p class="device-used">{t().device.usedOf(bytes(used()), bytes(allowed()))}</p>
      <div
        class="device-bar"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- no browser lets <meter> look like this
        role="meter"
        aria-label={t().device.room}
        aria-valuemin="0"
        aria-valuemax={allowed()}
        aria-valuenow={Math.min(used(), allowed())}
        aria-valuetext={t().device.usedOf(bytes(used()), bytes(allowed()))}
      >
        <span style={{ "inline-size": `${share()}%` }} />
      </div>
      <p class="device-allow">
        <label for={id}>{t().device.allow}</label>
        <select id={id} onChange={(event) => setAllowed(Number(event.currentTarget.value))}>
          <For each={choices()}>
            {(choice) => (
              <option value={choice} selected={choice === allowed()}>
                {bytes(choice)}
              </option>
            )}
          </For>
        </select>
        <Show when={used() > 0}>
          <span class="library-note">{promised() ? t().device.promised : t().device.unpromised}</span>
        </Show>
      </p>
    </section>
  );
}
