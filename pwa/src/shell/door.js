/** @file Signing in: two fields, one button, and the reason in words where it does not work. */
import { html, useRef, useState } from "../vendor/preact.js";
import { cookie, call, Problem } from "../api.js";
import { doorWords, go } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Logo } from "../kit/marks.js";
import { lang, speak, t } from "../words.js";

/** @param {{entered: () => Promise<void>, hasDevice: boolean}} props */
export function Door({ entered, hasDevice }) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [said, say] = useState("");
  const [busy, setBusy] = useState(false);
  const secret = useRef(/** @type {HTMLInputElement|null} */ (null));

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault();
    if (busy) return;
    const from = document.activeElement;
    setBusy(true);
    say("");
    try {
      await call("POST", "/api/login", { user: user.trim(), password });
      if (cookie("csrf")) await entered();
      else say(t("no_cookie"));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(problem.isAway ? t("no_answer") : problem.message);
      if (secret.current && document.activeElement === from) secret.current.select();
    }
    setBusy(false);
  }

  const other = lang.value === "en" ? "zh" : "en";
  return html`<main class="door">
    <header class="door-head"><span class="door-name"><${Logo} /><b>${t("name")}</b></span>
      <${Button} kind="quiet" size="small" onClick=${() => speak(other)}><span lang=${other === "zh" ? "zh-CN" : "en"}>${t("other_language")}</span></${Button}></header>
    <form class="sign-in" onSubmit=${send}>
      <h1>${t("sign_in_title")}</h1>
      ${doorWords.value && html`<p class="second" role="status">${doorWords.value}</p>`}
      <${Field} label=${t("user")} name="user" id="user" autocomplete="username" autocapitalize="none" spellcheck="false"
        required value=${user} onInput=${(/** @type {any} */ e) => setUser(e.target.value)} />
      <${Field} label=${t("password")} name="password" id="password" type="password" autocomplete="current-password" required
        inputRef=${secret} value=${password} onInput=${(/** @type {any} */ e) => setPassword(e.target.value)} />
      <p class="said" role="alert">${said}</p>
      <${Button} kind="primary" type="submit" busy=${busy && t("signing_in")}>${t("sign_in")}</${Button}>
      ${hasDevice && html`<${Button} kind="quiet" icon="pick" onClick=${() => go("/app/pick")}>${t("door_pick")}</${Button}>`}
    </form>
  </main>`;
}
