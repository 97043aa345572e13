/** @file A browser becomes a picking device: with the card's one-time code, or made here by a supervisor who is signed in. */
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { go, inside, may, me, title } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { t } from "../words.js";
import { Foot } from "./frame.js";
import { device } from "./hand.js";
import { plain } from "./read.js";

/** As the card says it, however it was typed: four by four, O as 0, I and L as 1. @param {string} text */
export function cardCode(text) {
  const letters = plain(text).toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return letters.length === 16 ? (letters.match(/.{4}/g) || []).join("-") : "";
}

/** @param {unknown} problem */
function why(problem) {
  if (!(problem instanceof Problem)) {
    const { status, message, isAway } = /** @type {any} */ (problem);
    if (isAway || status === 0) return t("pick_enrol_away");
    return message || t("fault");
  }
  return problem.isAway ? t("pick_enrol_away") : problem.code === "code_gone" ? t("pick_enrol_gone") : problem.message;
}

export function Enrol() {
  title(t("pick_enrol"));
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const [code, write] = useState("");
  const [wrong, say] = useState("");
  const [isBusy, busy] = useState(false);
  const field = useRef(/** @type {HTMLInputElement|null} */ (null));
  useLayoutEffect(() => {
    if (field.current) field.current.focus();
  }, []);
  /** @param {string} card */
  const enrol = async (card) => {
    busy(true);
    say("");
    try {
      await here.enrol(card);
      go("/app/pick", true);
    } catch (problem) {
      refuse(why(problem));
    } finally {
      busy(false);
    }
  };
  /** The next scan takes the place of what was refused. @param {string} words */
  const refuse = (words) => {
    say(words);
    if (field.current) field.current.select();
  };
  /** @param {Event} event */
  const send = (event) => {
    event.preventDefault();
    const card = cardCode(code);
    if (card) void enrol(card);
    else refuse(t("pick_enrol_short"));
  };
  const lost = here.state.value.storage_lost;
  return html`<form class="pick-form" onSubmit=${send}>
    <main class="pick-main pick-pages">
      <h1>${t("pick_enrol")}</h1>
      ${lost && html`<p class="pick-care">${t("pick_lost")}</p>`}
      <p class="pick-second">${t("pick_enrol_hint")}</p>
      <${Field} label=${t("pick_enrol_code")} inputRef=${field} value=${code} error=${wrong} autocomplete="off" autocapitalize="characters"
        spellcheck=${false} class="pick-field" onInput=${(/** @type {any} */ event) => write(event.target.value)} />
      ${may("devices") ? html`<${Made} enrol=${enrol} say=${say} isBusy=${isBusy} />` : html`<p class="pick-second pick-gap">${t("pick_enrol_lead")}</p>`}
      ${!me.value && html`<p><a class="pick-link" href="/" onClick=${inside("/")}>${t("sign_in")}</a></p>`}
    </main>
    <${Foot}><${Button} size="picker" kind="primary" type="submit" class="pick-wide" busy=${isBusy ? t("pick_enrolling") : false}>${t("pick_enrol_act")}</${Button}></${Foot}>
  </form>`;
}

/** Who may add devices adds this one. @param {{enrol: (code: string) => Promise<void>, say: (why: string) => void, isBusy: boolean}} props */
function Made({ enrol, say, isBusy }) {
  const [label, name] = useState("");
  const [places, put] = useState(/** @type {{code: string, name: string}[]} */ ([]));
  const [place, choose] = useState("");
  useEffect(() => {
    call("GET", "/api/warehouses").then((found) => {
      put(found.items);
      const own = me.value && me.value.user.warehouse;
      choose(own || (found.items[0] ? found.items[0].code : ""));
    }, (problem) => say(why(problem)));
  }, []);
  const make = async () => {
    if (!label.trim()) return say(t("pick_make_name"));
    try {
      const card = await call("POST", "/api/devices", { label: label.trim(), warehouse: place });
      await enrol(card.code);
    } catch (problem) {
      say(why(problem));
    }
  };
  return html`<section class="pick-make"><h2>${t("pick_make")}</h2>
    <${Field} label=${t("pick_make_label")} value=${label} hint=${t("pick_make_hint")} class="pick-field" onInput=${(/** @type {any} */ event) => name(event.target.value)} />
    <${Field} label=${t("warehouse")} value=${place} choices=${places.map((one) => ({ value: one.code, text: one.name || one.code }))} class="pick-field" onInput=${(/** @type {any} */ event) => choose(event.target.value)} />
    <${Button} size="picker" busy=${isBusy} onClick=${make}>${t("pick_make_act")}</${Button}></section>`;
}
