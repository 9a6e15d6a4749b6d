/** What is needed now and then: other parts of the player, speed, language. */

import { createUniqueId, For } from "solid-js";
import { addresses } from "../../lib/addresses";
import { t } from "../../lib/messages";
import { showAgain } from "../../lib/navigate";
import { RATES, rateText, type Player } from "../../lib/player";
import { LanguageChoice } from "../language/LanguageChoice";
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
        <LanguageChoice again={showAgain} />
      </p>
    </div>
  );
}
