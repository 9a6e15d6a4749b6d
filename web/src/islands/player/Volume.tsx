/** Mute and volume; absent where the system alone decides (iOS ignores what a page sets). */

import { Show } from "solid-js";
import { t } from "../../lib/messages";
import type { Player } from "../../lib/player";
import { Icon } from "./Icon";
import { Slider } from "./Slider";

export function Volume(props: { readonly player: Player }) {
  const level = () => (props.player.state.muted ? 0 : props.player.state.volume);
  return (
    <div class="player-volume" dir="ltr">
      <button
        type="button"
        class="icon"
        aria-label={t().bar.mute}
        aria-pressed={props.player.state.muted}
        onClick={() => props.player.toggleMute()}
      >
        <Icon name={level() === 0 ? "muted" : "loud"} />
      </button>
      <Show when={volumeCanBeSet()}>
        <Slider
          label={t().bar.volume}
          max={1}
          step={0.05}
          page={0.2}
          value={level()}
          text={t().bar.percent(Math.round(level() * 100))}
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
