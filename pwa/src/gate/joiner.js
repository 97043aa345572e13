/** @file A sample's rows beside the order's fields, joined by a tap, a drag or the keyboard, and what the sample would become. */
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, lang, reached } from "../app.js";
import { Icon } from "../kit/icons.js";
import { whyOf } from "../desk/read.js";
import { money } from "../money.js";
import { t } from "../words.js";
import { Curves } from "./curves.js";
import { Fields } from "./fields.js";
import { Editing } from "./editing.js";
import { Source } from "./source.js";
import { EACH, join, joined, PER_WEIGHT, WEIGHT, withValue } from "./model.js";

const PAUSE_MS = 200;

/** What may be chosen from; null until it came. @returns {any} */
export function useCatalogue() {
  const [things, put] = useState(/** @type {any} */ (null));
  useEffect(() => {
    const ask = () => {
      call("GET", "/api/channels/catalogue").then(
        (found) => { reached(); put(found); },
        (problem) => void failed(problem, ask)
      );
    };
    ask();
  }, []);
  return things;
}

/** The draft that a sample makes by a mapping, asked for a moment after the last change.
 * @param {string} code @param {any} sample @param {any} mapping @param {any[]} [keywords] @returns {{draft: any, why: string, isAsking: boolean}} */
export function useTrial(code, sample, mapping, keywords) {
  const [trial, put] = useState({ draft: /** @type {any} */ (null), why: "", isAsking: true });
  useEffect(() => {
    let isLate = false;
    const ask = async () => {
      try {
        const body = sample.message ? { message: sample.message } : { text: sample.text };
        const draft = await call("POST", `/api/channels/${encodeURIComponent(code)}/try`, Object.assign(body, { mapping, keywords }));
        if (isLate) return;
        reached();
        put({ draft, why: "", isAsking: false });
      } catch (problem) {
        if (isLate || failed(problem, ask)) return;
        put({ draft: null, why: whyOf(problem).why, isAsking: false });
      }
    };
    if (!sample) return undefined;
    put((before) => Object.assign({}, before, { isAsking: true }));
    const timer = window.setTimeout(ask, PAUSE_MS);
    return () => {
      isLate = true;
      window.clearTimeout(timer);
    };
  }, [sample, mapping, keywords, lang.value]);
  return trial;
}

/** @param {{things: any, code: string, sample: any, mapping: any, onChange: (mapping: any) => void, isSheet?: boolean,
 *   told?: {draft: any, why: string, isAsking: boolean}, foot?: any, above?: any, second?: any, next: (cannot: string) => any}} props
 * `told`: what the sample becomes, where somebody else asks. `foot`: a sentence in place of the sample's own. */
export function Joiner(props) {
  const { things, sample, mapping, onChange, isSheet } = props;
  const asked = useTrial(props.code, props.told ? null : sample, mapping);
  const trial = props.told || asked;
  const [row, take] = useState(/** @type {any} */ (null));
  const [field, choose] = useState("");
  const [open, edit] = useState("");
  const [why, say] = useState("");
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  /** @param {any} from @param {string} to */
  const tie = (from, to) => {
    const next = join(mapping, to, from, Boolean(isSheet));
    say(next ? "" : t("gate_other_list"));
    if (next) onChange(next);
    take(null);
    choose("");
  };
  /** @param {any} one */
  const pressRow = (one) => (field ? tie(one, field) : take(row && row.path === one.path ? null : one));
  /** @param {string} name */
  const pressField = (name) => {
    if (row) return tie(row, name);
    if (window.matchMedia("(min-width: 1024px)").matches) choose(field === name ? "" : name);
    else edit(name);
    return undefined;
  };
  const names = things.fields.map((/** @type {any} */ one) => one.name);
  /** @type {Set<string>} */
  const used = new Set();
  for (const name of names.concat(["event", EACH, WEIGHT, PER_WEIGHT])) for (const one of joined(mapping, name, sample.tree)) used.add(one.path);
  return html`
    ${why && html`<p class="gate-wrong" role="alert">${why}</p>`}
    <div class="gate-joiner" ref=${box}>
      <${Source} tree=${sample.tree} chosen=${row} used=${used} press=${pressRow} drop=${tie} above=${props.above} />
      <${Curves} box=${box} mapping=${mapping} tree=${sample.tree} chosen=${row ? row.path : ""} field=${field} />
      <${Fields} things=${things} mapping=${mapping} tree=${sample.tree} draft=${trial.draft} field=${field} isHolding=${row !== null}
        press=${pressField} edit=${edit} onChange=${onChange} isSheet=${isSheet} unused=${leaves(sample.tree) - countUsed(sample.tree, used)} />
    </div>
    ${open && html`<${Editing} things=${things} field=${open} mapping=${mapping} tree=${sample.tree} onClose=${() => edit("")} onChange=${onChange}
      join=${(/** @type {any} */ one) => tie(one, open)} clear=${() => onChange(withValue(mapping, open, undefined))} />`}
    <footer class="gate-foot">
      ${props.foot || html`<${Verdict} trial=${trial} />`}
      <div class="gate-foot-acts">${props.second}${props.next(stops(trial))}</div>
    </footer>`;
}

/** @param {any[]} tree */
function leaves(tree) {
  return tree.filter((one) => one.kind === "value" || one.kind === "texts").length;
}

/** @param {any[]} tree @param {Set<string>} used */
function countUsed(tree, used) {
  return tree.filter((one) => (one.kind === "value" || one.kind === "texts") && used.has(one.path)).length;
}

/** Why nobody may go on. @param {{draft: any, why: string, isAsking: boolean}} trial */
function stops(trial) {
  if (trial.why) return trial.why;
  if (!trial.draft || trial.isAsking) return t("gate_trying");
  return trial.draft.event === null || trial.draft.problems.some((/** @type {any} */ one) => one.blocks) ? t("gate_not_yet") : "";
}

/** @param {{trial: {draft: any, why: string, isAsking: boolean}}} props */
function Verdict({ trial }) {
  const { draft, why } = trial;
  if (why) return html`<div class="gate-verdict" role="status"><b>${why}</b></div>`;
  if (!draft) return html`<div class="gate-verdict" role="status">${t("gate_trying")}</div>`;
  const bad = draft.problems.filter((/** @type {any} */ one) => one.blocks);
  const lines = draft.draft.lines || [];
  if (draft.event === null) return html`<div class="gate-verdict" role="status"><div><b>${t("gate_ignored")}</b><span>${t("gate_ignored_hint")}</span></div></div>`;
  if (bad.length) return html`<div class="gate-verdict" role="status"><div><b>${t("gate_lacks", { n: bad.length })}</b><span>${t("gate_lacks_hint")}</span></div></div>`;
  const tags = draft.tags.map((/** @type {any} */ one) => one.tag).join("、");
  return html`<div class="gate-verdict" role="status"><${Icon} name="tick" size=${22} /><div>
    <b>${t(`gate_becomes_${draft.event}`, { n: lines.length, sum: money(draft.amount_fen) })}${tags ? t("gate_becomes_tags", { tags }) : ""}</b>
    <span>${draft.weights.length ? draft.weights.map(weighed).join(" ") : t("gate_nothing_stored")}</span></div></div>`;
}

/** What rounding to pieces left over. @param {any} one */
function weighed(one) {
  const facts = { sku: one.sku, asked: one.asked_g, taken: one.taken_g, rest: Math.abs(one.rest_g), fen: one.rest_fen || "0" };
  return t(one.rest_g < 0 ? "gate_weighed_more" : "gate_weighed", facts);
}
