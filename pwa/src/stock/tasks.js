/** @file What waits on the floor: goods that came back, pieces to put away, bins to count. Each is brought to its end in a
 * short form; counts of devices that were not booked stand before the others, with both numbers and why. */
import { html, useState } from "../vendor/preact.js";
import { may } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { Segments } from "../kit/segments.js";
import { useList } from "../desk/read.js";
import { t } from "../words.js";
import { nameOf } from "./list.js";
import { Holders } from "./moves.js";
import { PlanSheet } from "./plan.js";
import { TaskSheet } from "./task.js";

const KINDS = ["inspect", "put_away", "count"];

/** @typedef {{key: string, kind: string, id: string, warehouse: string, sku: string, name: string, bin: string, qty: number,
 *   order_no: string, at: string, count: any}} Task `count`: a device's, that was not booked */

export function Tasks() {
  const [kind, choose] = useState(KINDS[0]);
  const [house, look] = useState("");
  const [open, put] = useState(/** @type {Task|null} */ (null));
  const [isPlanning, plan] = useState(false);
  const [told, tell] = useState(/** @type {{text: string, served: string[], lost: string[]}|null} */ (null));
  const of = `warehouse=${encodeURIComponent(house)}&limit=50`;
  // One after the other: where there is no network, one of them waits for it, and the others follow.
  const houses = useList("/api/warehouses?limit=200");
  const inspect = useList(houses.items ? `/api/todos?kind=inspect&${of}` : "");
  const away = useList(inspect.items ? `/api/todos?kind=put_away&${of}` : "");
  const counts = useList(away.items ? `/api/todos?kind=count&${of}` : "");
  const wants = useList(counts.items ? `/api/counts?${of}` : "");
  const parts = [[inspect], [away], [wants, counts]];
  const here = parts[KINDS.indexOf(kind)];
  const failing = [houses, inspect, away, counts, wants].find((list) => list.problem);
  const all = parts.map((lists) => tasksOf(lists));
  const rows = all[KINDS.indexOf(kind)];
  const more = here.find((list) => list.next);
  /** @param {number} n */
  const sizeOf = (n) => `${all[n] ? all[n].length : "…"}${parts[n].some((list) => list.next) ? "+" : ""}`;
  const again = () => here.forEach((list) => list.again());
  /** @param {{text: string, served?: string[], lost?: string[]}} said */
  const done = ({ text, served = [], lost = [] }) => {
    tell({ text, served, lost });
    put(null);
    plan(false);
    again();
  };
  const choices = [{ value: "", text: t("stock_all_houses") }].concat((houses.items || []).map((one) => ({ value: one.code, text: one.name })));
  return html`<p class="stock-up"><${Link} href="/app/stock"><${Icon} name="back" size=${20} />${t("stock_up")}</${Link}></p>
    <header class="stock-head"><h1>${t("floor_title")}</h1>
      ${may("move_stock") && html`<${Button} onClick=${() => plan(true)}>${t("floor_plan")}</${Button}>`}</header>
    ${choices.length > 2 && html`<div class="stock-find"><${Field} label=${t("warehouse")} value=${house} choices=${choices} onInput=${(/** @type {any} */ e) => look(e.target.value)} /></div>`}
    <${Segments} class="floor-kinds" label=${t("floor_title")} value=${kind} items=${KINDS.map((key, n) => ({ key, text: t(`floor_${key}`), count: sizeOf(n) }))}
      onChange=${(/** @type {string} */ to) => { choose(to); tell(null); }} />
    ${told && html`<div class="stock-booked" role="status"><p>${told.text}</p>
      ${told.served.length > 0 && html`<p>${t("floor_served")}</p><${Holders} numbers=${told.served} />`}
      ${told.lost.length > 0 && html`<p>${t("stock_lost")}</p><${Holders} numbers=${told.lost} />`}</div>`}
    ${failing && html`<${Trouble} problem=${failing.problem} again=${failing.again} />`}
    ${!rows && !failing && html`<${Loading} />`}
    ${rows && !rows.length && html`<${Empty} title=${t(`floor_${kind}_none`)} hint=${t(`floor_${kind}_hint`)} />`}
    <ul class="stock-list">${(rows || []).map((one) => html`<${Row} key=${one.key} one=${one} house=${nameOf(houses.items, one.warehouse)} open=${() => { tell(null); put(one); }} />`)}</ul>
    ${more && html`<p class="stock-more"><${Button} onClick=${more.more}>${t("stock_more")}</${Button}></p>`}
    ${open && html`<${TaskSheet} task=${open} onClose=${() => { put(null); again(); }} done=${done} />`}
    ${isPlanning && html`<${PlanSheet} houses=${houses.items || []} house=${house} onClose=${() => plan(false)} done=${(/** @type {any} */ said) => { choose("count"); done(said); counts.again(); }} />`}`;
}

/** Null until all of it came. A bin whose count was not booked is asked for once, with that count.
 * @param {import("../desk/read.js").Reading[]} lists @returns {Task[]|null} */
function tasksOf(lists) {
  if (lists.some((list) => !list.items)) return null;
  const [first, second] = lists.map((list) => list.items || []);
  if (!second) return first.map((one) => Object.assign({ key: one.id, count: null }, one));
  const seen = new Set();
  const wanted = first.filter((one) => !seen.has(placeOf(one)) && seen.add(placeOf(one)))
    .map((one) => ({ key: one.id, kind: "count", id: "", warehouse: one.warehouse, sku: one.holds || one.sku, name: one.name, bin: one.bin, qty: 0, order_no: "", at: one.at, count: one }));
  return /** @type {Task[]} */ (wanted).concat(second.filter((one) => !seen.has(placeOf(one))).map((one) => Object.assign({ key: one.id, count: null }, one)));
}

/** @param {{warehouse: string, bin: string, sku: string}} one */
const placeOf = (one) => [one.warehouse, one.bin, one.bin ? "" : one.sku].join("|");

/** @param {{one: Task, house: string, open: () => void}} props */
function Row({ one, house, open }) {
  const where = [one.sku !== one.name && one.sku, house, one.kind !== "inspect" && (one.bin || t("stock_no_bin")), one.count ? "" : when(one.at, true)];
  return html`<li class="stock-row floor-row"><span class="stock-what"><b>${one.name || one.sku}${one.qty > 0 && html` × ${one.qty}`}</b>
      <small>${(one.name ? where : where.slice(1)).filter(Boolean).join(" · ")}</small>
      ${one.count && html`<small>${t("floor_said", { by: one.count.actor, at: when(one.at, true), n: one.count.qty, lies: one.count.lies })}</small>
        <small class="floor-why">${t("floor_not_booked", { why: one.count.why })}</small>`}
      ${one.order_no && html`<${Link} href=${`/app/orders/${encodeURIComponent(one.order_no)}`}>${one.order_no}</${Link}>`}</span>
    ${(!one.count || may("move_stock")) && html`<${Button} size="phone" label=${`${t(`floor_do_${one.count ? "again" : one.kind}`)} ${one.bin || one.sku}`} onClick=${open}>${t(`floor_do_${one.count ? "again" : one.kind}`)}</${Button}>`}</li>`;
}
