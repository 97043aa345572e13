/** @file Promises that stand: those that end soon first, those that ended said so; each opens with its dates and reasons. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, go, lang, may, me, path, reached, title } from "../app.js";
import { between } from "../days.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { Button } from "../kit/button.js";
import { Segments } from "../kit/segments.js";
import { useList } from "../desk/read.js";
import { open as openDraft } from "../sales/draft.js";
import { lookHouses, nameOf } from "../sales/stock.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/promise.js";
import { WORDS as SALES } from "../words/sales.js";
import { Acts } from "./acts.js";
import { Answer, Left } from "./answer.js";
import { begin } from "./asking.js";

addWords(SALES); // of the draft that a promise becomes
addWords(WORDS);
/** @typedef {import("./asking.js").Promised} Promised */

export function Room() {
  const id = decodeURIComponent(path.value.split("/")[3] || "");
  useEffect(() => title(t(id ? "promise_one" : "promise_mine")), [id, lang.value]);
  useEffect(() => {
    if (me.value) openDraft(me.value.user.name);
    lookHouses().catch((problem) => failed(problem, () => undefined));
  }, []);
  if (!may("promise")) return html`<main class="promise promise-page"><${Empty} title=${t("promise_no_right")} /></main>`;
  return html`<main class="promise promise-page">${id ? html`<${One} id=${id} key=${id} />` : html`<${List} />`}</main>`;
}

function List() {
  const [state, choose] = useState("open");
  const [whose, of] = useState("mine");
  const user = me.value ? me.value.user.name : "";
  const list = useList(`/api/promises?limit=100&state=${state}${whose === "mine" ? `&by=${encodeURIComponent(user)}` : ""}`);
  const items = (list.items || []).slice();
  if (state === "open") items.sort((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at));
  const states = [["open", "open"], ["lapsed", "ended"], ["used", "used"]].map(([key, word]) => ({ key, text: t(`promise_show_${word}`) }));
  return html`<h1>${t("promise_mine")}</h1>
    <div class="promise-filters">
      <${Segments} label=${t("promise_show")} items=${states} value=${state} onChange=${choose} />
      ${may("others_promises") && html`<${Segments} label=${t("promise_whose")} items=${["mine", "all"].map((key) => ({ key, text: t(`promise_whose_${key}`) }))} value=${whose} onChange=${of} />`}
    </div>
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${!list.items && !list.problem && html`<${Loading} />`}
    ${list.items && !items.length && html`<${Empty} title=${t(state === "open" ? "promise_none" : state === "used" ? "promise_none_used" : "promise_none_ended")} hint=${t("promise_none_hint")}>
      <${Link} href="/app/new" class="button">${t("nav_new")}</${Link}></${Empty}>`}
    <ul class="promise-list">${items.map((one) => html`<${Row} key=${one.id} one=${one} isWhose=${whose === "all"} />`)}</ul>
    ${list.next && html`<p><${Button} onClick=${list.more}>${t("promise_more")}</${Button}></p>`}`;
}

/** @param {{one: Promised, isWhose: boolean}} props */
function Row({ one, isWhose }) {
  return html`<li><${Link} href=${`/app/promises/${encodeURIComponent(one.id)}`} class="promise-row">
    <b>${one.customer ? one.customer.name : one.address.text || t("promise_nobody")}</b>
    <span>${between(one.eta_from, one.eta_to)}</span>
    <small>${one.state === "open" ? html`<${Icon} name="reserve" size=${16} /><${Left} until=${one.expires_at} />` : t(`promise_is_${one.state}`)}${isWhose ? ` · ${one.by.name}` : ""} · ${one.lines.map((line) => `${line.sku} × ${line.qty}`).join(" · ")}</small>
  </${Link}></li>`;
}

/** @param {{id: string}} props */
function One({ id }) {
  const [made, put] = useState(/** @type {Promised|null} */ (null));
  const [problem, say] = useState(/** @type {Problem|null} */ (null));
  const [about, know] = useState(/** @type {Object<string, {name: string, uom: string}>} */ ({}));
  const read = async () => {
    say(null);
    try {
      const found = await call("GET", `/api/promises/${encodeURIComponent(id)}`);
      reached();
      put(found);
      const skus = await Promise.all(found.lines.map((/** @type {any} */ line) => call("GET", `/api/skus/${encodeURIComponent(line.sku)}`)));
      know(skus.reduce((all, sku) => Object.assign(all, { [sku.code]: sku }), {}));
    } catch (error) {
      if (!failed(error, read)) say(/** @type {Problem} */ (error));
    }
  };
  useEffect(() => void read(), [id, lang.value]);
  const of = /** @param {string} sku */ (sku) => about[sku] || { name: sku, uom: "" };
  return html`<p class="promise-up"><${Link} href="/app/promises"><${Icon} name="back" size=${20} />${t("promise_mine")}</${Link}></p>
    ${problem && html`<${Trouble} problem=${problem} again=${problem.status === 404 ? undefined : read} />`}
    ${!made && !problem && html`<${Loading} />`}
    ${made && html`<h1>${made.customer ? made.customer.name : t("promise_nobody")}</h1>
      <p class="promise-second">${made.address.text}</p>
      <p class="promise-second">${t(`promise_is_${made.state}`)}${made.why ? `：${made.why}` : ""} · ${made.by.name} · ${made.id}</p>
      <ul class="promise-lines">${made.lines.map((line) => html`<li key=${line.sku}><span>${of(line.sku).name} <small>${line.sku}</small></span><b>${line.qty} ${of(line.sku).uom}</b></li>`)}</ul>
      <${Answer} made=${made} nameOf=${nameOf} />
      <${Acts} made=${made} about=${of} use=${async () => { await begin(made); go("/app/new"); }} gone=${put}
        again=${may("create") ? async () => { await begin(made, false); go("/app/new?promise=1"); } : undefined} />`}`;
}
