/** @file Labels: what, on which paper, which ones; the first sheet is seen before anything is printed. */
import { html, useState } from "../vendor/preact.js";
import { query } from "../app.js";
import { Field } from "../kit/field.js";
import { Loading, Trouble } from "../kit/notes.js";
import { Segments } from "../kit/segments.js";
import { lang, t } from "../words.js";
import { Preview } from "./preview.js";
import { useList } from "./read.js";
import { address, countOf, idsOf, KINDS, pagesOf } from "./sheets.js";

/** @typedef {import("./sheets.js").Wish} Wish */

/** What the address asks for, so that another room can send somebody here. @returns {Wish} */
function asked() {
  const kind = query.value.get("kind") || "bins";
  const known = KINDS[kind] ? kind : "bins";
  const ids = query.value.get("ids") || "";
  return { kind: known, which: ids ? "one" : KINDS[known].ways[0], house: "", area: "", ids, paper: KINDS[known].paper, skip: "0", copies: "1", content: "address" };
}

export function Labels() {
  const [wish, set] = useState(asked);
  const [wrong, say] = useState({ field: "", why: "" });
  const papers = useList("/qr/papers");
  const areas = useList("/qr/areas");
  const devices = useList(wish.kind === "devices" ? "/api/devices?limit=200" : "");
  if (papers.problem) return html`<h1>${t("desk_labels")}</h1><${Trouble} problem=${papers.problem} again=${papers.again} />`;
  if (!papers.items) return html`<h1>${t("desk_labels")}</h1><${Loading} />`;
  const paper = papers.items.find((one) => one.code === wish.paper);
  /** @param {Partial<Wish>} change */
  const put = (change) => set((before) => Object.assign({}, before, change));
  const { name, skip, copies, ...others } = fields(wish, put, wrong);
  const count = countOf(wish, areas.items || [], devices.items ? devices.items.length : 0);
  return html`<h1>${t("desk_labels")}</h1>
    <div class="desk-two">
      <div class="desk-form">
        <${Segments} label=${t("desk_kind")} value=${wish.kind} items=${Object.keys(KINDS).map((key) => ({ key, text: t(`desk_kind_${key}`) }))}
          onChange=${(/** @type {string} */ kind) => put({ kind, which: KINDS[kind].ways[0], paper: KINDS[kind].paper, ids: "" })} />
        <${Which} wish=${wish} put=${put} areas=${areas.items || []} wrong=${wrong} />
        <${Field} label=${t("desk_paper")} value=${wish.paper} error=${name} choices=${papers.items.map((one) => ({ value: one.code, text: lang.value === "en" ? one.en : one.zh }))}
          onInput=${(/** @type {any} */ e) => put({ paper: e.target.value, skip: "0" })} />
        <div class="desk-row">${skip}${copies}</div>
        ${others.content}
      </div>
      <${Preview} wish=${wish} paper=${paper} count=${count} pages=${pagesOf(wish, count, paper)} say=${say} address=${address(wish)} />
    </div>`;
}

/** @param {Wish} wish @param {(change: Partial<Wish>) => void} put @param {{field: string, why: string}} wrong */
function fields(wish, put, wrong) {
  /** @param {string} field */
  const error = (field) => (wrong.field === field ? wrong.why : "");
  /** @param {"skip"|"copies"} key @param {number} least @param {string} [hint] */
  const number = (key, least, hint) => html`<${Field} label=${t(`desk_${key}`)} type="number" inputmode="numeric" min=${least} value=${wish[key]} hint=${hint} error=${error(key)}
    onInput=${(/** @type {any} */ e) => put({ [key]: e.target.value })} />`;
  return {
    name: error("paper"),
    skip: number("skip", 0, Number(wish.skip) > 0 ? t("desk_skip_hint", { n: Number(wish.skip) + 1 }) : ""),
    copies: number("copies", 1),
    content: html`<${Field} label=${t("desk_content")} value=${wish.content} error=${error("content")}
      choices=${["address", "code"].map((value) => ({ value, text: t(`desk_content_${value}`) }))}
      onInput=${(/** @type {any} */ e) => put({ content: e.target.value })} />`,
  };
}

/** Which of them. @param {{wish: Wish, put: (change: Partial<Wish>) => void, areas: any[], wrong: {field: string, why: string}}} props */
function Which({ wish, put, areas, wrong }) {
  const ways = KINDS[wish.kind].ways;
  const houses = areas.filter((one, n) => areas.findIndex((other) => other.warehouse === one.warehouse) === n);
  const mine = areas.filter((one) => !wish.house || one.warehouse === wish.house);
  const eg = t(`desk_eg_${wish.kind === "cartons" ? "orders" : wish.kind}`);
  const error = wrong.field ? "" : wrong.why;
  /** @param {string} which */
  const choose = (which) => put({ which, area: which === "area" && mine.length ? mine[0].area : "", house: which === "area" && !wish.house && mine.length ? mine[0].warehouse : wish.house });
  return html`<h2>${t("desk_which")}</h2>
    <${Segments} label=${t("desk_which")} value=${wish.which} items=${ways.map((key) => ({ key, text: t(`desk_which_${key}`) }))} onChange=${choose} />
    ${wish.kind === "bins" && (wish.which === "all" || wish.which === "area") && html`<${Field} label=${t("warehouse")} value=${wish.house}
      choices=${(wish.which === "all" ? [{ value: "", text: t("desk_all_houses") }] : []).concat(houses.map((one) => ({ value: one.warehouse, text: one.name })))}
      onInput=${(/** @type {any} */ e) => put({ house: e.target.value, area: wish.which === "area" ? firstOf(areas, e.target.value) : "" })} />`}
    ${wish.which === "area" && html`<${Field} label=${t("desk_area")} value=${wish.area} choices=${mine.map((one) => ({ value: one.area, text: t(one.area ? "desk_area_named" : "desk_area_other", { area: one.area, n: one.bins }) }))}
      onInput=${(/** @type {any} */ e) => put({ area: e.target.value })} />`}
    ${wish.which === "list" && html`<${Field} label=${t("desk_ids")} isLong=${true} hint=${eg} error=${idsOf(wish.ids).length ? error : ""} value=${wish.ids} spellcheck=${false}
      onInput=${(/** @type {any} */ e) => put({ ids: e.target.value })} />`}
    ${wish.which === "one" && html`<${Field} label=${t("desk_id")} hint=${eg} error=${idsOf(wish.ids).length ? error : ""} value=${wish.ids} spellcheck=${false} autocapitalize="characters"
      onInput=${(/** @type {any} */ e) => put({ ids: e.target.value })} />`}`;
}

/** @param {any[]} areas @param {string} house */
function firstOf(areas, house) {
  const found = areas.find((one) => one.warehouse === house);
  return found ? found.area : "";
}
