/** @file The store of this device does not open or does not write: what to do now, one line each. Nothing is cleared. */
import { html } from "../vendor/preact.js";
import { title } from "../app.js";
import { clock } from "../format.js";
import { Button } from "../kit/button.js";
import { Mark } from "../kit/marks.js";
import { t } from "../words.js";
import { Foot } from "./frame.js";
import { device } from "./hand.js";

const CODE = "S-01";

/** @param {{broken: import("../device/device.js").Broken}} props */
export function Broken({ broken }) {
  return broken.reason === "newer_version" ? html`<${Newer} />` : html`<${Damaged} broken=${broken} />`;
}

/** Another tab has opened a newer app: nothing is wrong but this page. */
function Newer() {
  title(t("pick_newer"));
  return html`<main class="pick-main pick-broken" role="alert"><h1>${t("pick_newer")}</h1><p class="pick-broken-do">${t("pick_newer_do")}</p></main>
    <${Again} />`;
}

function Again() {
  return html`<${Foot}><${Button} size="picker" kind="primary" class="pick-wide" onClick=${() => location.reload()}>${t("pick_broken_again")}</${Button}></${Foot}>`;
}

/** @param {{broken: import("../device/device.js").Broken}} props */
function Damaged({ broken }) {
  title(t("pick_broken"));
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const state = here.state.value;
  const lead = here.lead.value;
  const own = here.queue.value.waiting + here.queue.value.sending;
  const steps = [
    [own ? t("pick_broken_waits", { n: own }) : t("pick_broken_keep"), t("pick_broken_keep_then")],
    [t("pick_broken_paper"), t("pick_broken_paper_then")],
    [t("pick_broken_lead", { name: lead ? lead.name : "" }), ""],
  ];
  const name = [state.label || state.device || t("pick_broken_this"), clock(broken.at), CODE].join(" · ");
  return html`<div class="pick-red" aria-hidden="true"></div>
    <main class="pick-main pick-broken" role="alert">
      <${Mark} name="triangle" size=${56} />
      <h1>${t("pick_broken")}</h1>
      <p class="pick-broken-do">${t("pick_broken_do")}</p>
      <ol>${steps.map(([what, then], n) => html`<li><b>${n + 1}</b><div><p>${what}</p>${then && html`<p class="pick-second">${then}</p>`}</div></li>`)}</ol>
      <p class="pick-second">${t("pick_broken_say")}</p><p class="pick-second" translate="no">${name}</p>
    </main>
    <${Again} />`;
}
