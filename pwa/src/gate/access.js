/** @file How a sender proves himself: the scheme, its secrets, the address to give away; and the switch that turns a channel on. */
import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { t } from "../words.js";
import { useList, whyOf } from "../desk/read.js";
import { addressKey, said, signingSecret } from "./read.js";

/** @type {Object<string, () => string>} */
const MAKE = { path_key: addressKey, secret: signingSecret };

/** `Shop 2` gives `shop-2`; a name without Latin letters gives one by chance. @param {string} label */
function codeOf(label) {
  return label.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 30) || `c-${addressKey().slice(0, 5)}`;
}

/** @param {{things: any, channel: any, saved?: (channel: any) => void}} props `channel.isNew`: nobody may have its code yet */
export function Access({ things, channel, saved }) {
  const [wish, put] = useState(() => ({ label: channel.label, code: channel.code || codeOf(channel.label), scheme: channel.scheme || "standard_webhooks", of: channel.for || "", secrets: /** @type {any} */ ({}) }));
  const [wrong, say] = useState({ field: "", why: "" });
  const [busy, work] = useState("");
  const [made, show] = useState(/** @type {any} */ (null));
  const others = useList("/api/channels");
  const scheme = things.schemes.find((/** @type {any} */ one) => one.name === wish.scheme);
  /** @param {any} change */
  const set = (change) => put((before) => Object.assign({}, before, change));
  /** @param {boolean} enabled */
  const send = (enabled) => async () => {
    work(enabled ? "on" : "off");
    say({ field: "", why: "" });
    try {
      if (channel.isNew && !made && (others.items || []).some((one) => one.code === wish.code)) throw new TypeError("taken");
      /** @type {any} */
      const body = { label: wish.label.trim(), scheme: wish.scheme, secrets: wish.secrets, enabled, for: wish.of || null };
      if (channel.isNew) Object.assign(body, { mapping: channel.mapping, keywords: channel.keywords });
      else body.replaces = channel.version;
      const answer = await call("PUT", `/api/channels/${encodeURIComponent(wish.code)}`, body);
      reached();
      show(Object.assign({}, answer, { given: wish.secrets }));
      if (!channel.isNew && saved) saved(answer);
    } catch (problem) {
      if (problem instanceof TypeError) say({ field: "code", why: t("gate_taken") });
      else if (failed(problem, () => undefined)) say({ field: "", why: t("no_answer") });
      else say(whyOf(problem));
    }
    work("");
  };
  if (made && channel.isNew) return html`<${Given} made=${made} scheme=${scheme} />`;
  const isOn = channel.enabled;
  return html`<form class="gate-access" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}>
    <div class="gate-two">
      <${Field} label=${t("gate_name")} value=${wish.label} maxlength="60" error=${wrong.field === "label" ? wrong.why : ""} onInput=${(/** @type {any} */ e) => set({ label: e.target.value })} />
      ${channel.isNew && html`<${Field} label=${t("gate_code")} hint=${t("gate_code_hint")} value=${wish.code} maxlength="40" spellcheck=${false} error=${wrong.field === "code" || wrong.field === "path.code" ? wrong.why : ""} onInput=${(/** @type {any} */ e) => set({ code: e.target.value })} />`}
    </div>
    <${Field} label=${t("gate_scheme")} hint=${t("gate_scheme_hint")} value=${wish.scheme} choices=${things.schemes.map((/** @type {any} */ one) => ({ value: one.name, text: said(one) }))} onInput=${(/** @type {any} */ e) => set({ scheme: e.target.value, secrets: {} })} />
    ${scheme.secrets.map((/** @type {any} */ one) => html`<${Secret} key=${`${wish.scheme} ${one.name}`} one=${one} isSet=${Boolean(channel.scheme === wish.scheme && channel.secrets && channel.secrets[one.name])}
      error=${wrong.field.indexOf(`secrets.${one.name}`) === 0 ? wrong.why : ""} value=${wish.secrets[one.name]} onChange=${(/** @type {any} */ value) => set({ secrets: Object.assign({}, wish.secrets, { [one.name]: value }) })} />`)}
    <${Field} label=${t("gate_for")} value=${wish.of} choices=${[{ value: "", text: t("gate_for_own") }].concat((others.items || []).filter((one) => one.code !== wish.code).map((one) => ({ value: one.code, text: one.label })))} onInput=${(/** @type {any} */ e) => set({ of: e.target.value })} />
    ${wrong.why && (!wrong.field || wrong.field === "secrets") && html`<p class="gate-wrong" role="alert">${wrong.why}</p>`}
    ${!channel.isNew && html`<p class="gate-address"><span>${t("gate_address")}</span><code>${`${location.origin}/in/${wish.code}${scheme.has_path_key ? "/…" : ""}`}</code></p>`}
    <p class="gate-do">
      ${!isOn && html`<${Button} kind="primary" busy=${busy === "on"} onClick=${send(true)}>${t("gate_turn_on")}</${Button}>`}
      ${isOn && html`<${Button} kind="primary" busy=${busy === "on"} onClick=${send(true)}>${t("gate_save")}</${Button}>`}
      <${Button} busy=${busy === "off"} onClick=${send(false)}>${t(isOn ? "gate_turn_off" : "gate_save_off")}</${Button}>
      ${made && html`<span class="gate-said" role="status">${t("gate_saved")}</span>`}
    </p>
  </form>`;
}

/** @param {{one: any, isSet: boolean, error: string, value: any, onChange: (value: any) => void}} props */
function Secret({ one, isSet, error, value, onChange }) {
  const [serial, name] = useState("");
  const label = `${said(one)}${one.is_required ? "" : t("gate_optional")}`;
  const hint = isSet ? t("gate_secret_set") : one.form === "list" ? t("gate_secret_list") : "";
  if (one.form === "map") {
    const pem = value && value[serial] ? value[serial] : "";
    return html`<fieldset class="gate-map"><legend>${label}</legend>
      <${Field} label=${t("gate_serial")} value=${serial} spellcheck=${false} onInput=${(/** @type {any} */ e) => { name(e.target.value); onChange({ [e.target.value]: pem }); }} />
      <${Field} label=${t("gate_pem")} hint=${hint} isLong=${true} spellcheck=${false} value=${pem} error=${error} onInput=${(/** @type {any} */ e) => onChange({ [serial]: e.target.value })} /></fieldset>`;
  }
  return html`<div class="gate-secret">
    <${Field} label=${label} hint=${hint} value=${value || ""} spellcheck=${false} autocomplete="off" error=${error} onInput=${(/** @type {any} */ e) => onChange(e.target.value)} />
    ${MAKE[one.name] && html`<${Button} label=${t("gate_make_named", { name: label })} onClick=${() => onChange(MAKE[one.name]())}>${t("gate_make")}</${Button}>`}
  </div>`;
}

/** It is made: what the sender must be told, once. @param {{made: any, scheme: any}} props */
function Given({ made, scheme }) {
  const key = scheme.has_path_key && made.given.path_key ? `/${made.given.path_key}` : "";
  const secrets = scheme.secrets.filter((/** @type {any} */ one) => one.name !== "path_key" && typeof made.given[one.name] === "string");
  return html`<section class="gate-given" aria-live="polite">
    <h2><${Icon} name="tick" size=${22} />${t(made.enabled ? "gate_is_on" : "gate_is_off", { name: made.label })}</h2>
    <p>${t("gate_tell_sender")}</p>
    <dl>
      <div><dt>${t("gate_address")}</dt><dd><code>${`${location.origin}${made.path}${key}`}</code></dd></div>
      ${secrets.map((/** @type {any} */ one) => html`<div><dt>${said(one)}</dt><dd><code>${made.given[one.name]}</code></dd></div>`)}
    </dl>
    <p class="second">${t("gate_once")}</p>
    <p class="gate-do"><${Link} class="button" href=${`/app/channels/${made.code}`}>${t("gate_open")}</${Link}><${Link} class="button quiet" href="/app/channels">${t("gate_back")}</${Link}></p>
  </section>`;
}
