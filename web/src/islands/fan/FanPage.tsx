/** Choosing a file, then its sleeve with the key's field, then what was in it. */

import { createEffect, Show } from "solid-js";
import { f } from "../../lib/messages/fan";
import { Chooser } from "./Chooser";
import type { Asked } from "./address";
import type { Fan } from "./fan";
import { ShelfList } from "./Shelf";
import { ReleasePage } from "./ReleasePage";

interface Props {
  readonly fan: Fan;
  readonly wish: Asked;
  readonly hasShelf: boolean;
}

export function FanPage(props: Props) {
  createEffect(() => {
    document.documentElement.toggleAttribute("data-fan-file", props.fan.subject() !== undefined);
  });
  return (
    <>
      <Show when={props.fan.subject()} keyed fallback={<Choices fan={props.fan} hasShelf={props.hasShelf} />}>
        {(subject) => <ReleasePage fan={props.fan} subject={subject} wish={props.fan.wish() ?? props.wish} hasShelf={props.hasShelf} />}
      </Show>
      <p class="fan-drop" aria-hidden="true">
        {f().choose.dropHere}
      </p>
    </>
  );
}

/** What is at hand, then ways to give something else. */
function Choices(props: { readonly fan: Fan; readonly hasShelf: boolean }) {
  return (
    <>
      <Show when={props.hasShelf}>
        <ShelfList fan={props.fan} />
      </Show>
      <Chooser fan={props.fan} />
    </>
  );
}
