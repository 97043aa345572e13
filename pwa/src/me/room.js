/** @file Oneself: who is signed in, the language, the screen by day and night, the sounds, and the way out. */
import { html } from "../vendor/preact.js";
import { call } from "../api.js";
import { applyUpdate, dress, failed, go, may, me, offline, signedOut, theme, title, update } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Segments } from "../kit/segments.js";
import { AT_FOOT, placesOf } from "../shell/rooms.js";
import { lang, speak, t } from "../words.js";
import { Password } from "./password.js";
import { Sounds } from "./sounds.js";

export function Room() {
  title(t("nav_me"));
  const who = /** @type {import("../app.js").Me} */ (me.value);
  const more = placesOf(who.user.role, may).slice(AT_FOOT);
  async function leave() {
    try {
      await call("POST", "/api/logout");
    } catch (problem) {
      if (failed(problem, leave)) return;
    }
    go("/", true);
    signedOut("");
  }
  return html`<main class="me">
    <h1>${who.user.display}</h1>
    <p class="second">${t(`role_${who.user.role}`)}${who.user.warehouse ? ` · ${who.user.warehouse}` : ""}</p>
    ${more.length > 0 && html`<nav class="me-more" aria-label=${t("nav")}>${more.map((place) => html`
      <${Link} key=${place.path} href=${place.path}><${Icon} name=${place.icon} size=${22} /><span>${t(place.word)}</span><${Icon} name="ahead" size=${18} /></${Link}>`)}</nav>`}
    <h2>${t("me_language")}</h2>
    <${Segments} label=${t("me_language")} value=${lang.value} onChange=${speak}
      items=${[{ key: "zh", text: html`<span lang="zh-CN">中文</span>` }, { key: "en", text: html`<span lang="en">English</span>` }]} />
    <h2>${t("me_theme")}</h2>
    <${Segments} label=${t("me_theme")} value=${theme.value} onChange=${dress} items=${[{ key: "light", text: t("me_day") }, { key: "dark", text: t("me_night") }]} />
    ${(may("sync") || localStorage.getItem("huodaona-canary") !== null) && html`<${Sounds} />`}
    <${Password} />
    ${update.value === "waiting" && html`<p><${Button} onClick=${applyUpdate}>${t("update_apply")}</${Button}></p>`}
    <p class="me-out"><${Button} icon="out" onClick=${leave}>${t("sign_out")}</${Button}></p>
    ${offline.value && html`<p class="second">${t(`me_offline_${offline.value}`)}</p>`}
    <p class="second"><a href="/docs">${t("me_docs")}</a> · ${t("me_build", { build: document.documentElement.dataset.build || "–" })}</p>
  </main>`;
}
