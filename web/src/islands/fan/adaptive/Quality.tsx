/** Which quality plays, and the choice of another. */

import { For, Show } from "solid-js";
import { AUTOMATIC, type AdaptivePlayer } from "./player";

export function Quality(props: { readonly player: AdaptivePlayer }) {
  const { abr } = props.player.variants;
  const nameOf = (index: number) => {
    const { name, height } = abr.variants[index]!;
    return name.trim() === "" ? `${height} lines` : name;
  };
  const playing = () => props.player.playing();
  return (
    <div class="fan-quality">
      <label for="fan-quality">Quality</label>
      <select id="fan-quality" onChange={(event) => props.player.choose(Number(event.currentTarget.value))}>
        <option value={AUTOMATIC}>Automatic</option>
        <For each={abr.variants}>{(_, index) => <option value={index()}>{nameOf(index())}</option>}</For>
      </select>
      <output>
        <Show when={playing() !== undefined}>Now: {nameOf(playing()!)}</Show>
      </output>
      <Show when={props.player.trouble()}>{(sentence) => <p role="alert">{sentence()}</p>}</Show>
    </div>
  );
}
