/** @file Signing in: two fields, one button, and the reason in words where it does not work. */
import { cookie, Problem } from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../words.js";

/**
 * @param {{call: Function}} app
 * @param {string} why said above the fields, such as a session that ended
 * @param {() => void} entered
 */
export function signIn(app, why, entered) {
  const user = field("user", "text", "username");
  const password = field("password", "password", "current-password");
  const said = h("p.said", { role: "alert" });
  const button = h("button.primary", { type: "submit" }, t("sign_in"));

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault();
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    fill(button, t("signing_in"));
    fill(said);
    try {
      await app.call("POST", "/api/login", { user: user.input.value.trim(), password: password.input.value });
      if (cookie("csrf")) return entered();
      fill(said, t("no_cookie"));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      fill(said, problem.isAway ? t("away").replace(/[，,].*$/, "") : problem.message);
      password.input.select();
    }
    button.removeAttribute("aria-busy");
    return fill(button, t("sign_in"));
  }

  return h(
    "form.sign-in",
    { onsubmit: send },
    h("h1", {}, t("sign_in_title")),
    why && h("p.second", {}, why),
    user.row,
    password.row,
    said,
    button
  );
}

/** @param {string} name @param {string} type @param {string} fills what a password manager puts in */
function field(name, type, fills) {
  const input = /** @type {HTMLInputElement} */ (
    h("input", { id: name, name, type, autocomplete: fills, autocapitalize: "none", spellcheck: "false", required: true })
  );
  return { input, row: h("p.field", {}, h("label", { for: name }, t(name)), input) };
}
