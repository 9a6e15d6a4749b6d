/** The message that came with the files: text, whatever it looks like. */

import { Show } from "solid-js";
import type { Message } from "../../smsg";

export function Letter(props: { readonly message: Message }) {
  const { subject, body, from } = props.message;
  return (
    <Show when={body.trim() !== "" || subject}>
      <blockquote class="fan-letter">
        <Show when={subject}>
          <p class="fan-letter-subject">
            <bdi>{subject}</bdi>
          </p>
        </Show>
        <p class="fan-letter-body">
          <bdi>{body}</bdi>
        </p>
        <Show when={from}>
          <footer>
            <bdi>{from}</bdi>
          </footer>
        </Show>
      </blockquote>
    </Show>
  );
}
