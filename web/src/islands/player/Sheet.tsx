/** A sheet in front of the page: the browser keeps focus in it, and gives it back when it closes. */

import { createUniqueId, onMount, type JSX } from "solid-js";
import { t } from "../../lib/messages";
import { Icon } from "./Icon";

interface Props {
  readonly title: string;
  readonly class: string;
  readonly onClose: () => void;
  readonly children: JSX.Element;
}

export default function Sheet(props: Props) {
  const heading = createUniqueId();
  let dialog!: HTMLDialogElement;
  onMount(() => {
    // On what is behind it; Escape does the same for keys.
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.showModal();
  });
  return (
    <dialog
      ref={dialog}
      class={`sheet ${props.class}`}
      aria-labelledby={heading}
      onClose={() => props.onClose()}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id={heading}>{props.title}</h2>
          <button type="button" class="icon" aria-label={t().bar.close} onClick={() => dialog.close()}>
            <Icon name="close" />
          </button>
        </header>
        {props.children}
        {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as the page's own */}
        <div class="visually-hidden" role="status" />
      </div>
    </dialog>
  );
}
