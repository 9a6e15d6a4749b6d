/** Which quality plays, and the choice of another. */

import { For, Show } from "solid-js";
import { f } from "../../../lib/messages/fan";
import { AUTOMATIC, type AdaptivePlayer } from "./player";

export function Quality(props: { readonly player: AdaptivePlayer }) {
  const { abr } = props.player.variants;
  const nameOf = (index: number) => {
    const { name, height } = abr.variants[index]!;
    return name.trim() === "" ? f().player.lines(height) : name;
  };
  const playing = () => props.player.playing();
  return (
    <div class="fan-quality">
      <label for="fan-quality">{f().player.quality}</label>
      <select id="fan-quality" onChange={(event) => props.player.choose(Number(event.currentTarget.value))}>
        <option value={AUTOMATIC}>{f().player.automatic}</option>
        <For each={abr.variants}>{(_, index) => <option value={index()}>{nameOf(index())}</option>}</For>
      </select>
      <output>
        <Show when={playing() !== undefined}>{f().player.now(nameOf(playing()!))}</Show>
      </output>
      <Show when={props.player.trouble()}>{(sentence) => <p role="alert">{sentence()}</p>}</Show>
    </div>
  );
}
