/** A range input that says its value in words and shows how far it is filled. */

import { createEffect, createSignal } from "solid-js";

interface Props {
  readonly label: string;
  readonly max: number;
  /** What an arrow key moves. */
  readonly step: number;
  /** What Page Up and Page Down move. */
  readonly page: number;
  readonly value: number;
  /** The value in words, for screen readers. */
  readonly text: string;
  readonly disabled?: boolean;
  /** What is at the end happens once the hand lets go of it there, and not before. */
  readonly endOnRelease?: boolean;
  readonly onInput: (value: number) => void;
}

export function Slider(props: Props) {
  let input!: HTMLInputElement;
  /** It is held at the end, which was not told yet. */
  const [atEnd, setAtEnd] = createSignal(false);
  createEffect(() => {
    const value = atEnd() ? props.max : props.value;
    const share = props.max > 0 ? Math.min(1, value / props.max) : 0;
    // Set through the object model: the policy of the page allows no style attributes in markup.
    const filled = `${(share * 100).toFixed(2)}%`;
    for (const element of [input, input.parentElement]) element?.style.setProperty("--filled", filled);
    input.max = String(props.max);
    input.value = String(value);
  });
  const onInput = (value: number) => {
    setAtEnd(props.endOnRelease === true && value >= props.max);
    if (!atEnd()) props.onInput(value);
  };
  const onRelease = () => {
    if (atEnd()) props.onInput(props.max);
    setAtEnd(false);
  };
  const move = (by: number) => props.onInput(Math.min(props.max, Math.max(0, props.value + by)));
  const onKey = (event: KeyboardEvent) => {
    // Steps of our own: a native step would also quantise what the pointer picks.
    const by = { ArrowLeft: -props.step, ArrowDown: -props.step, ArrowRight: props.step, ArrowUp: props.step,
      PageDown: -props.page, PageUp: props.page, Home: -props.max, End: props.max }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(by);
  };
  return (
    <input
      ref={input}
      type="range"
      min="0"
      step="any"
      aria-label={props.label}
      aria-valuetext={props.text}
      disabled={props.disabled}
      onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      onChange={onRelease}
      onPointerUp={onRelease}
      onKeyDown={onKey}
    />
  );
}
