/** The sleeve: paper without a cover while it is sealed, the paper band around it; a picture from inside once it is open. */

import { Show } from "solid-js";
import { f } from "../../lib/messages/fan";

interface Props {
  readonly title: string;
  readonly artist: string | undefined;
  readonly opened: boolean;
  readonly cover: string | undefined;
}

export function Sleeve(props: Props) {
  return (
    <div class="front fan-front" aria-hidden="true">
      <Show
        when={props.cover}
        fallback={
          <div class="fan-sheet">
            <span class="fan-sheet-title">
              <bdi>{props.title}</bdi>
            </span>
          </div>
        }
      >
        {(address) => <img src={address()} alt="" />}
      </Show>
      <div class="obi">
        <span class="obi-name">
          <bdi>{props.artist ?? props.title}</bdi>
        </span>
        <span class="obi-license">{props.opened ? f().sleeve.opened : f().sleeve.sealed}</span>
      </div>
    </div>
  );
}
