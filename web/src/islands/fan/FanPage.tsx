/** Choosing a file, then its sleeve with the key's field, then what was in it. */

import { createEffect, Show } from "solid-js";
import { Chooser } from "./Chooser";
import type { Asked } from "./address";
import type { Fan } from "./fan";
import { ReleasePage } from "./ReleasePage";

interface Props {
  readonly fan: Fan;
  readonly wish: Asked;
}

export function FanPage(props: Props) {
  createEffect(() => {
    document.documentElement.toggleAttribute("data-fan-file", props.fan.subject() !== undefined);
  });
  return (
    <>
      <Show when={props.fan.subject()} keyed fallback={<Chooser fan={props.fan} />}>
        {(subject) => <ReleasePage fan={props.fan} subject={subject} wish={props.fan.wish() ?? props.wish} />}
      </Show>
      <p class="fan-drop" aria-hidden="true">
        Drop to open
      </p>
    </>
  );
}
