/** What is going on, and what went wrong. */

import { Show } from "solid-js";
import { f } from "../../lib/messages/fan";
import type { Fan } from "./fan";

/** The region is there from the start, so that what comes into it is read out. */
export function TroubleNote(props: { readonly fan: Fan }) {
  return (
    <div role="alert" class="fan-alert">
      <Show when={props.fan.trouble()}>
        {(trouble) => (
          <div class="fan-trouble">
            <p class="fan-trouble-what">{trouble().sentence}</p>
            <Show when={trouble().hint}>{(hint) => <p>{hint()}</p>}</Show>
            <Show when={trouble().mayIgnoreExpiry}>
              <button type="button" class="button" onClick={() => void props.fan.openAnyway()}>
                {f().busy.openAnyway}
              </button>
            </Show>
          </div>
        )}
      </Show>
    </div>
  );
}

export function Busy(props: { readonly fan: Fan }) {
  return (
    <Show when={props.fan.busy()}>
      {(what) => (
        <div class="fan-busy">
          <label for="fan-progress">{what()}</label>
          {/* Without a value it shows that something is going on, not how far it is. */}
          <Show when={props.fan.progress() !== undefined} fallback={<progress id="fan-progress" />}>
            <progress id="fan-progress" max="1" value={props.fan.progress()} />
          </Show>
          <button type="button" class="quiet" onClick={() => props.fan.stop()}>
            {f().busy.stop}
          </button>
        </div>
      )}
    </Show>
  );
}
