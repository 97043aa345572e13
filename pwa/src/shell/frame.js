/** @file The frame around a room: the places at the left on desktops, at the foot on phones, and the band that speaks
 * when there is no connection or a new version waits. */
import { html } from "../vendor/preact.js";
import { applyUpdate, band, may, me, path, update } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Logo } from "../kit/marks.js";
import { t } from "../words.js";
import { AT_FOOT, placesOf } from "./rooms.js";

/** @param {{children: any}} props */
export function Frame({ children }) {
  const who = me.value;
  const places = who ? placesOf(who.user.role, may) : [];
  const mine = { path: "/app/me", icon: "person", word: "nav_me", right: "" };
  return html`<div class="frame">
    <nav class="places" aria-label=${t("nav")}>
      <${Link} href="/" class="place home" label=${t("name")}><${Logo} /></${Link}>
      ${places.map((place, n) => html`<${Place} key=${place.path} place=${place} isWide=${n >= AT_FOOT} />`)}
      <span class="places-rest"></span>
      <${Place} place=${mine} isWide=${false} />
    </nav>
    <div class="room">
      <${Band} />
      ${children}
    </div>
  </div>`;
}

/** @param {{place: import("./rooms.js").Place, isWide: boolean}} props */
function Place({ place, isWide }) {
  const isHere = path.value === place.path || path.value.indexOf(`${place.path}/`) === 0;
  return html`<${Link} href=${place.path} class=${`place ${isWide ? "wide-only" : ""}`} current=${isHere}>
    <${Icon} name=${place.icon} size=${22} /><span>${t(place.word)}</span>
  </${Link}>`;
}

export function Band() {
  const isNew = update.value === "waiting";
  return html`
    <p class="band" role="status">${band.value}</p>
    ${isNew && html`<p class="band band-new"><span>${t("update_waiting")}</span>
      <${Button} size="small" onClick=${applyUpdate}>${t("update_apply")}</${Button}></p>`}`;
}
