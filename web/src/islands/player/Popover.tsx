/** A button in the bar and what it opens above it. */

import { createEffect, createSignal, createUniqueId, on, onCleanup, Show, type JSX } from "solid-js";
import { Icon, type IconName } from "./Icon";

interface Props {
  readonly icon: IconName;
  /** The button's name; the panel's where `title` is not given. */
  readonly label: string;
  readonly title?: string;
  readonly class: string;
  /** Whether what the button stands for is on. */
  readonly lit?: boolean;
  /** A number on the button. */
  readonly count?: number | undefined;
  /** Stays open until it is closed, so that a listener can go on browsing beside it. */
  readonly stays?: boolean;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly children: JSX.Element;
}

export function Popover(props: Props) {
  const panel = createUniqueId();
  /** Its content is made when it is first opened. */
  const [wanted, setWanted] = createSignal(false);
  let button!: HTMLButtonElement;
  createEffect(
    on(
      () => props.open,
      (open) => open && setWanted(true),
    ),
  );
  const close = () => {
    if (props.open) props.onOpen(false);
  };
  /** Escape closes the panel, and so does going elsewhere. */
  const watch = (place: HTMLDivElement) => {
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !props.open) return;
      event.stopPropagation();
      close();
      button.focus();
    });
    const elsewhere = (target: EventTarget | null) => {
      if (!props.stays && target instanceof Node && !place.contains(target)) close();
    };
    const press = ({ target }: PointerEvent) => elsewhere(target);
    document.addEventListener("pointerdown", press);
    onCleanup(() => document.removeEventListener("pointerdown", press));
    place.addEventListener("focusout", ({ relatedTarget }) => elsewhere(relatedTarget));
  };
  return (
    <div class={`popover ${props.class}`} ref={watch}>
      <button
        ref={button}
        type="button"
        class="icon"
        aria-label={props.label}
        aria-expanded={props.open}
        aria-controls={panel}
        data-on={props.lit ? "" : undefined}
        onClick={() => props.onOpen(!props.open)}
      >
        <Icon name={props.icon} />
        <Show when={props.count}>
          {(count) => (
            <span class="popover-count" aria-hidden="true">
              {count()}
            </span>
          )}
        </Show>
      </button>
      <section id={panel} class={`popover-panel ${props.class}-panel`} aria-label={props.title ?? props.label} hidden={!props.open}>
        <Show when={wanted()}>{props.children}</Show>
      </section>
    </div>
  );
}
