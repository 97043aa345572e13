/** @file One conflict as a lead reads it, and as it stands once settled. The words name who and how many. */
import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, reached } from "../app.js";
import { when } from "../format.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Mark } from "../kit/marks.js";
import { lang, t } from "../words.js";
import { whyOf } from "./read.js";

/** @typedef {{id: string, kind: string, user: string, name: string, qty: number, uom: string, bin: string, at: string, part: string, sku: string}} Pick */
/** @typedef {{id: string, order_no: string, kind: string, customer: string, state: string, picks: Pick[], n: number, is_yours: boolean, changed_at: string,
 *   meanwhile: {reason: string, by_name: string, at: string}|null, settled: {choice: string, by_name: string, at: string}|null}} Conflict */

/** @param {{one: Conflict, said: string, settled: (words: string) => void, again: () => void}} props */
export function Question({ one, said, settled, again }) {
  const [busy, act] = useState("");
  const [why, say] = useState("");
  /** @param {"keep"|"undo"} choice */
  const settle = async (choice) => {
    if (busy) return;
    act(choice);
    say("");
    try {
      await call("POST", `/api/conflicts/${one.id.split("/").map(encodeURIComponent).join("/")}/settle`, { choice });
      reached();
      settled(t(`desk_decided_${choice}`));
    } catch (problem) {
      if (failed(problem, again)) say(t("no_answer"));
      else {
        say(whyOf(problem).why);
        again();
      }
    }
    act("");
  };
  const facts = { n: one.n, bin: bins(one) || t("desk_its_bin") };
  return html`<article class="desk-case panel" aria-label=${one.order_no}>
    <${Top} one=${one} />
    ${said
      ? html`<p class="desk-said" role="status"><${Icon} name="tick" size=${20} />${t("desk_just", { what: said })}</p>`
      : one.is_yours
        ? html`<div class="desk-choices">
            <${Choice} busy=${busy === "keep"} onClick=${() => settle("keep")} word=${t("desk_keep")} then=${t(`desk_keep_${one.kind}`, facts)} />
            <${Choice} busy=${busy === "undo"} onClick=${() => settle("undo")} word=${t("desk_undo")} then=${t("desk_undo_then", facts)} />
          </div>`
        : html`<p class="second">${t("desk_not_yours")}</p>`}
    ${why && html`<p class="desk-wrong" role="alert">${why}</p>`}
  </article>`;
}

/** @param {{word: string, then: string, busy: boolean, onClick: () => void}} props */
function Choice({ word, then, busy, onClick }) {
  return html`<button type="button" class="desk-choice" aria-busy=${busy ? "true" : undefined} onClick=${onClick}>
    <span><b>${busy ? t("desk_settling") : word}</b><small>${then}</small></span><${Icon} name="ahead" size=${20} /></button>`;
}

/** @param {{one: Conflict}} props */
export function Settled({ one }) {
  const how = one.settled;
  return html`<article class="desk-case panel" aria-label=${one.order_no}>
    <${Top} one=${one} />
    ${how && html`<p class="desk-said"><${Icon} name="tick" size=${20} />${t(`desk_decided_${how.choice}`)}<span>${t("desk_decided", { at: when(one.changed_at), who: how.by_name })}</span></p>`}
  </article>`;
}

/** What is so, and the facts in the order of time. @param {{one: Conflict}} props */
function Top({ one }) {
  const names = one.picks.map((pick) => pick.name || pick.user);
  const who = names.filter((name, n) => name && names.indexOf(name) === n).join("、") || t("desk_c_somebody");
  const house = one.meanwhile;
  const facts = one.picks.map((pick) => ({ at: pick.at, mark: "diamond", who: pick.name || pick.user, what: took(pick), key: pick.id }));
  if (house) {
    const what = t(`desk_was_${one.kind}`);
    facts.push({ at: house.at, mark: "triangle", who: house.by_name, what: house.reason ? t("desk_why", { what, reason: house.reason }) : what, key: "house" });
  }
  facts.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const spaced = lang.value === "zh" && /^[\x20-\x7e]/.test(who) ? ` ${who} ` : who;
  return html`<h2>${t(`desk_c_${one.kind}`, { who: spaced, n: one.n })}</h2>
    <p class="second"><${Link} href=${`/app/orders/${one.order_no}`}>${one.order_no}</${Link}> · ${one.customer} · ${t(one.state)}</p>
    <ol class="desk-facts">${facts.map((fact) => html`<li key=${fact.key}><${Mark} name=${fact.mark} size=${18} />
      <div><span class="second">${when(fact.at)} · ${fact.who}</span><b>${fact.what}</b></div></li>`)}</ol>`;
}

/** @param {Pick} pick */
function took(pick) {
  const qty = lang.value === "zh" ? `${pick.qty} ${pick.uom || "件"}` : String(pick.qty);
  return t(pick.bin ? "desk_took" : "desk_no_bin", { bin: pick.bin, qty, part: pick.part || pick.sku });
}

/** @param {Conflict} one */
function bins(one) {
  const all = one.picks.map((pick) => pick.bin).filter(Boolean);
  return all.filter((bin, n) => all.indexOf(bin) === n).join("、");
}
