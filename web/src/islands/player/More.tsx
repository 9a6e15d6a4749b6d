/** What is needed now and then: other parts of the player, speed, language. */

import { createUniqueId, For } from "solid-js";
import { addresses } from "../../lib/addresses";
import { LANGUAGES, language, setLanguage, t, type Language } from "../../lib/messages";
import { RATES, rateText, type Player } from "../../lib/player";
import { setSheet, showPanel, type SheetName } from "./panels";

const opens = (name: SheetName) => () => {
  showPanel("more", false);
  setSheet(name);
};

export default function More(props: { readonly player: Player }) {
  const id = createUniqueId();
  return (
    <div class="more-list">
      <button type="button" onClick={opens("share")}>
        {t().menu.share}
      </button>
      <button type="button" onClick={opens("library")}>
        {t().menu.library}
      </button>
      <a href={addresses.library} onClick={() => showPanel("more", false)}>
        {t().device.title}
      </a>
      <button type="button" onClick={opens("keys")}>
        {t().menu.keys}
      </button>
      <p class="more-choice">
        <label for={`${id}-speed`}>{t().menu.speed}</label>
        <select id={`${id}-speed`} onChange={(event) => props.player.setRate(Number(event.currentTarget.value))}>
          <For each={RATES}>
            {(rate) => (
              <option value={rate} selected={props.player.state.rate === rate}>
                {rateText(rate)}
              </option>
            )}
          </For>
        </select>
      </p>
      <p class="more-choice">
        <label for={`${id}-language`}>{t().menu.language}</label>
        <select id={`${id}-language`} onChange={(event) => void setLanguage(event.currentTarget.value as Language)}>
          <For each={Object.entries(LANGUAGES)}>
            {([code, name]) => (
              <option value={code} lang={code} selected={language() === code}>
                {name}
              </option>
            )}
          </For>
        </select>
      </p>
    </div>
  );
}
