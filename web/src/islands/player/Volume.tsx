/** Mute and volume; absent where the system alone decides (iOS ignores what a page sets). */

import { Show } from "solid-js";
import type { Player } from "../../lib/player";
import { Icon } from "./Icon";
import { Slider } from "./Slider";

export function Volume(props: { readonly player: Player }) {
  const level = () => (props.player.state.muted ? 0 : props.player.state.volume);
  return (
    <div class="player-volume">
      <button
        type="button"
        class="icon"
        aria-label="Mute"
        aria-pressed={props.player.state.muted}
        onClick={() => props.player.toggleMute()}
      >
        <Icon name={level() === 0 ? "muted" : "loud"} />
      </button>
      <Show when={volumeCanBeSet()}>
        <Slider
          label="Volume"
          max={1}
          step={0.05}
          page={0.2}
          value={level()}
          text={`${Math.round(level() * 100)} percent`}
          onInput={(volume) => props.player.setVolume(volume)}
        />
      </Show>
    </div>
  );
}

/** Tried on an element of its own, so that nothing is heard. */
function volumeCanBeSet(): boolean {
  const probe = document.createElement("audio");
  probe.volume = 0.5;
  return probe.volume === 0.5;
}
