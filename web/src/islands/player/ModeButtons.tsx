/** Shuffle and repeat. */

import { t } from "../../lib/messages";
import type { Player } from "../../lib/player";
import { Icon } from "./Icon";

export function ModeButtons(props: { readonly player: Player }) {
  return (
    <span class="modes">
      <button
        type="button"
        class="icon"
        aria-label={t().bar.shuffle}
        aria-pressed={props.player.isShuffled()}
        data-on={props.player.isShuffled() ? "" : undefined}
        onClick={() => props.player.toggleShuffle()}
      >
        <Icon name="shuffle" />
      </button>
      <button
        type="button"
        class="icon"
        aria-label={t().bar.repeat(props.player.state.repeat)}
        data-on={props.player.state.repeat === "off" ? undefined : ""}
        data-one={props.player.state.repeat === "one" ? "" : undefined}
        onClick={() => props.player.cycleRepeat()}
      >
        <Icon name="repeat" />
      </button>
    </span>
  );
}
