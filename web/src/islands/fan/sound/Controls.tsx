/**
 * The controls of recordings that play behind one another: the browser's own would show the time since the first of them began.
 */

import { createSignal, onCleanup } from "solid-js";
import { t } from "../../../lib/messages";
import { clock, spokenProgress } from "../../../lib/time";
import { Icon } from "../../player/Icon";
import { Slider } from "../../player/Slider";
import type { Playing } from "./playing";

interface Props {
  readonly playing: Playing;
  readonly media: HTMLMediaElement;
  /** Of the recording. */
  readonly name: string;
  readonly onStep: (by: 1 | -1) => void;
}

export function Controls(props: Props) {
  const { media } = props;
  const look = () => ({ plays: !media.paused && !media.ended, muted: media.muted, waits: !media.paused && media.readyState < media.HAVE_FUTURE_DATA });
  const [state, setState] = createSignal(look());
  const events = ["play", "playing", "pause", "ended", "waiting", "canplay", "volumechange"];
  const onEvent = () => setState(look());
  for (const event of events) media.addEventListener(event, onEvent);
  onCleanup(() => {
    for (const event of events) media.removeEventListener(event, onEvent);
  });
  const duration = () => props.playing.duration();
  const position = () => Math.min(props.playing.position(), Number.isFinite(duration()) ? duration() : Number.POSITIVE_INFINITY);
  return (
    <div class="fan-controls">
      <button type="button" class="icon" aria-label={t().bar.previous} onClick={() => props.onStep(-1)}>
        <Icon name="previous" />
      </button>
      <button
        type="button"
        class="play"
        data-playing={state().plays ? "" : undefined}
        data-waiting={state().waits ? "" : undefined}
        aria-label={state().plays ? t().bar.pause(props.name) : t().bar.play(props.name)}
        onClick={() => props.playing.toggle()}
      >
        <span class="glyph" aria-hidden="true" />
      </button>
      <button type="button" class="icon" aria-label={t().bar.next} onClick={() => props.onStep(1)}>
        <Icon name="next" />
      </button>
      <div class="fan-seek" dir="ltr">
        <span aria-hidden="true">{clock(position())}</span>
        <Slider
          label={t().bar.position}
          max={Number.isFinite(duration()) ? duration() : 0}
          step={1}
          page={15}
          value={position()}
          text={spokenProgress(position(), duration())}
          disabled={!Number.isFinite(duration())}
          endOnRelease
          onInput={(seconds) => props.playing.seek(seconds)}
        />
        <span aria-hidden="true">{clock(duration())}</span>
      </div>
      <button
        type="button"
        class="icon"
        aria-label={t().bar.mute}
        aria-pressed={state().muted}
        onClick={() => {
          media.muted = !media.muted;
        }}
      >
        <Icon name={state().muted ? "muted" : "loud"} />
      </button>
    </div>
  );
}
