/** @file What is still missing until the first order can be shipped: one step a kind, in the order in which they need each
 * other, each with its way in; one line once nothing is missing. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, lang, may, reached } from "../app.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Loading, Trouble } from "../kit/notes.js";
import { t } from "../words.js";

/**
 * @typedef {Object} Step
 * @property {string} name
 * @property {string} right who can do it
 * @property {string} path what is read to see whether it is done
 * @property {(items: any[]) => boolean} [isDone] else: there is any
 * @property {string} to its way in
 * @property {boolean} [isFree] an order can go without
 */

/** @type {Step[]} */
const STEPS = [
  { name: "warehouses", right: "master", path: "/api/warehouses?limit=1", to: "/app/master/warehouses" },
  { name: "skus", right: "master", path: "/api/skus?limit=1", to: "/app/master/skus?import=1" },
  { name: "bins", right: "master", path: "/api/bins?limit=1", to: "/app/master/bins?import=1" },
  { name: "stock", right: "move_stock", path: "/api/stock?limit=200", isDone: (items) => items.some((one) => one.on_hand > 0), to: "/app/master/stock?import=1" },
  { name: "users", right: "users", path: "/api/users?limit=200", isDone: (items) => items.some((one) => one.role === "picker"), to: "/app/master/users?import=1" },
  { name: "devices", right: "devices", path: "/api/devices?limit=200", isDone: (items) => items.some((one) => one.status === "enrolled"), to: "/app/devices" },
  { name: "customers", right: "master", path: "/api/customers?limit=1", to: "/app/master/customers?import=1", isFree: true },
];

export function Start() {
  const steps = STEPS.filter((step) => may(step.right));
  const [done, put] = useState(/** @type {boolean[]|null} */ (null));
  const [problem, say] = useState(/** @type {unknown} */ (null));
  const read = () => {
    say(null);
    Promise.all(steps.map((step) => call("GET", step.path))).then(
      (pages) => {
        reached();
        put(pages.map((page, n) => (steps[n].isDone || ((items) => items.length > 0))(page.items)));
      },
      (error) => failed(error, read) || say(error)
    );
  };
  useEffect(read, [lang.value]);
  const missing = done ? steps.filter((step, n) => !done[n] && !step.isFree) : [];
  const first = missing[0];
  return html`
    <h1>${t("master_title")}</h1>
    ${problem && html`<${Trouble} problem=${problem} again=${read} />`}
    ${!done && !problem && html`<${Loading} />`}
    ${done && html`<section class="master-start" aria-label=${t("master_start")}>
      <p class="master-lead" role="status">${missing.length ? t("master_missing", { n: missing.length }) : t("master_ready")}
        ${!missing.length && may("create") && html` <${Link} href="/app/new" class="master-word">${t("master_first_order")}</${Link}>`}</p>
      ${missing.length > 0 && html`<ol>${steps.map((step, n) => html`<${StepRow} key=${step.name} step=${step} isDone=${done[n]} isFirst=${step === first} />`)}</ol>`}
    </section>`}`;
}

/** @param {{step: Step, isDone: boolean, isFirst: boolean}} props */
function StepRow({ step, isDone, isFirst }) {
  return html`<li class=${`master-step ${isDone ? "is-done" : ""}`}>
    <span class="master-tick">${isDone ? html`<${Icon} name="tick" size=${20} /><span class="unseen">${t("master_is_there")}</span>` : html`<i></i>`}</span>
    <div><b>${t(`master_k_${step.name}`)}</b>${!isDone && html`<span>${t(`master_why_${step.name}`)}</span>`}</div>
    ${!isDone && html`<${Link} href=${step.to} class=${`button ${isFirst ? "primary" : "second"}`}>${t(`master_do_${step.name}`)}</${Link}>`}
  </li>`;
}
