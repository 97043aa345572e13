/** @file One's own password: the present one proves who asks; sessions elsewhere end. */
import { html, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { focusOn } from "../kit/focus.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/me.js";

addWords(WORDS);

const SHORTEST = 8;

export function Password() {
  const [isOpen, open] = useState(false);
  const [current, put] = useState("");
  const [password, make] = useState("");
  const [wrong, blame] = useState({ field: "", why: "" });
  const [busy, act] = useState(false);
  const [said, say] = useState("");
  /** @param {string} field @param {string} why */
  const refuse = (field, why) => {
    blame({ field, why });
    if (field) focusOn(".me-password .is-wrong input");
  };
  /** @param {Event} event */
  const save = async (event) => {
    event.preventDefault();
    if (busy) return;
    if (!current) return refuse("current", t("me_password_missing"));
    if (password.length < SHORTEST) return refuse("password", t("me_password_short"));
    act(true);
    blame({ field: "", why: "" });
    try {
      await call("POST", "/api/me/password", { current, password });
      reached();
      put("");
      make("");
      open(false);
      say(t("me_password_done"));
    } catch (problem) {
      const { code, said: told, message } = /** @type {Problem} */ (problem);
      if (code !== "wrong_password" && failed(problem, () => undefined)) refuse("", t("no_answer"));
      else refuse(code === "wrong_password" ? "current" : told.errors ? "password" : "", told.errors ? told.errors[0].why : message);
    }
    act(false);
  };
  if (!isOpen) return html`<p><${Button} onClick=${() => { say(""); open(true); focusOn(".me-password input"); }}>${t("me_password")}</${Button}></p><p role="status">${said}</p>`;
  return html`<form class="me-password" onSubmit=${save} novalidate>
    <h2>${t("me_password")}</h2>
    <${Field} label=${t("me_password_now")} type="password" autocomplete="current-password" value=${current} maxlength="1000" error=${wrong.field === "current" ? wrong.why : ""} onInput=${(/** @type {any} */ e) => put(e.target.value)} />
    <${Field} label=${t("me_password_new")} hint=${t("me_password_hint")} type="password" autocomplete="new-password" value=${password} maxlength="1000" error=${wrong.field === "password" ? wrong.why : ""} onInput=${(/** @type {any} */ e) => make(e.target.value)} />
    ${wrong.why && !wrong.field && html`<p class="wrong" role="alert">${wrong.why}</p>`}
    <p><${Button} kind="primary" type="submit" busy=${busy}>${t("me_password_save")}</${Button}></p>
  </form>`;
}
