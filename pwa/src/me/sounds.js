/** @file The sounds of the picker's device: heard one by one, each switched off by itself. */
import { html, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { MOMENTS, play, silenced, turn, unlock } from "../kit/sound.js";
import { t } from "../words.js";

/** Each sound can be heard and switched off by itself. */
export function Sounds() {
  const [off, put] = useState(silenced());
  /** @param {string} moment @param {boolean} isOn */
  const set = (moment, isOn) => {
    turn(moment, isOn);
    put(silenced());
  };
  return html`<section class="sounds"><h2>${t("me_sounds")}</h2>
    ${Object.keys(MOMENTS).concat("shake").map((moment) => html`<p key=${moment} class="sound">
      <label><input type="checkbox" checked=${off.indexOf(moment) < 0} onChange=${(/** @type {any} */ e) => set(moment, e.target.checked)} />${t(`sound_${moment}`)}</label>
      ${moment !== "shake" && html`<${Button} kind="quiet" icon="sound" onClick=${() => {
        unlock();
        play(/** @type {any} */ (moment));
      }}>${t("me_listen")}</${Button}>`}
    </p>`)}
  </section>`;
}
