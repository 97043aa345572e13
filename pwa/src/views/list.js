/** @file The list of orders: find by the beginning of a word, filter by state or trouble, newest first. */
import { Problem } from "../api.js";
import { fill, h } from "../dom.js";
import { money, when } from "../format.js";
import { mark, markOf } from "../marks.js";
import { t } from "../words.js";

const LIMIT = 50;
const PAUSE_MS = 250;
/** What the chips ask for; each is a word, its mark, and a query. */
const FILTERS = [
  ["all", "", ""],
  ["stuck", "triangle", "colour=red"],
  ["awaiting_payment", "ring", "state=awaiting_payment"],
  ["to_pick", "disc", "colour=green"],
  ["picking", "diamond", "state=picking"],
  ["packed", "diamond", "state=packed"],
  ["shipped", "open", "state=shipped"],
  ["delivered", "box", "state=delivered"],
];

/** What stands in the list pane, and what it was asked for. */
export class OrderList {
  /** @param {any} app @param {HTMLElement} pane @param {(path: string) => (event: MouseEvent) => void} inside */
  constructor(app, pane, inside) {
    this.app = app;
    this.inside = inside;
    /** @type {any[]} */
    this.items = [];
    /** @type {string|null} */
    this.next = null;
    this.filter = FILTERS[0];
    this.words = "";
    this.chosen = "";
    this.asked = 0;
    this.timer = 0;
    this.note = h("p.note", { role: "status" });
    this.rows = h("div.rows", {});
    this.chips = h("div.chips", { role: "group", "aria-label": t("orders") });
    this.input = /** @type {HTMLInputElement} */ (
      h("input", { id: "q", type: "search", autocomplete: "off", "aria-describedby": "q-hint", oninput: () => this.typed() })
    );
    fill(pane, h("h1.unseen", {}, t("orders")), this.form(), this.chips, this.note, this.rows);
    this.drawChips();
  }

  form() {
    /** @param {Event} event */
    const sent = (event) => {
      event.preventDefault();
      this.search();
    };
    return h(
      "form.find",
      { role: "search", onsubmit: sent },
      h("label", { for: "q" }, t("find")),
      this.input,
      h("p.hint", { id: "q-hint" }, t("find_hint"))
    );
  }

  typed() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.search(), PAUSE_MS);
  }

  search() {
    window.clearTimeout(this.timer);
    if (this.input.value.trim() === this.words) return;
    this.words = this.input.value.trim();
    this.load();
  }

  drawChips() {
    fill(
      this.chips,
      FILTERS.map((one) => {
        const choose = () => {
          this.filter = one;
          this.drawChips();
          this.load();
        };
        const pressed = one === this.filter ? "true" : "false";
        return h("button.chip", { type: "button", "aria-pressed": pressed, onclick: choose }, one[1] && mark(one[1], 16), t(one[0]));
      })
    );
  }

  /** From the top. */
  load() {
    if (!this.items.length) fill(this.rows, h("p.plain", {}, t("loading")));
    return this.ask("", (found) => found);
  }

  more() {
    return this.ask(this.next || "", (found) => this.items.concat(found));
  }

  /** An answer that comes after a newer question is dropped.
   * @param {string} cursor @param {(found: any[]) => any[]} joined */
  async ask(cursor, joined) {
    const mine = ++this.asked;
    try {
      const found = await this.app.call("GET", this.address(cursor));
      if (mine !== this.asked) return;
      this.items = joined(found.items);
      this.next = found.next;
      this.app.reached();
      this.draw();
    } catch (problem) {
      if (mine === this.asked) this.failed(problem, () => mine === this.asked && this.ask(cursor, joined));
    }
  }

  /** @param {string} cursor */
  address(cursor) {
    const parts = [`limit=${LIMIT}`];
    if (this.filter[2]) parts.push(this.filter[2]);
    if (this.words) parts.push(`q=${encodeURIComponent(this.words)}`);
    if (cursor) parts.push(`cursor=${encodeURIComponent(cursor)}`);
    return `/api/orders?${parts.join("&")}`;
  }

  /** @param {unknown} problem @param {() => void} again */
  failed(problem, again) {
    if (!this.app.failed(problem, again)) {
      this.app.reached();
      this.items = [];
      fill(this.rows, refusal(problem, again));
    } else if (!this.items.length) fill(this.rows);
  }

  draw() {
    if (!this.items.length) {
      fill(this.rows, this.nothing());
      return;
    }
    const more = h("button.second", { type: "button", onclick: () => this.more() }, t("more"));
    fill(
      this.rows,
      h("ol", { "aria-label": t("orders") }, this.items.map((order) => row(order, this.chosen, this.inside))),
      h("p.foot", {}, this.next ? more : t("shown", { n: this.items.length }))
    );
  }

  nothing() {
    const isEmpty = !this.words && this.filter === FILTERS[0];
    const key = isEmpty ? "empty" : this.words ? "none_found" : "none_here";
    const hint = h("p.second", {}, t(`${key}_hint`), isEmpty && [" ", h("a", { href: "/docs" }, "/docs")]);
    return h("div.nothing", {}, h("p", {}, h("b", {}, t(key, { q: this.words }))), hint);
  }

  /** @param {string} number the order that stands beside the list */
  choose(number) {
    this.chosen = number;
    for (const link of Array.from(this.rows.querySelectorAll("a.row"))) {
      if (link.getAttribute("data-no") === number) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** @param {string} text */
  say(text) {
    fill(this.note, text);
  }
}

/** @param {any} order @param {string} chosen @param {(path: string) => any} inside */
function row(order, chosen, inside) {
  const path = `/app/orders/${encodeURIComponent(order.order_no)}`;
  const cut = order.order_no.indexOf("-") + 1;
  const isRed = order.colour.code === "red";
  const pieces = order.lines.reduce((sum, line) => sum + line.qty, 0);
  return h(
    "li",
    {},
    h(
      "a.row",
      {
        href: path,
        "data-no": order.order_no,
        "aria-current": order.order_no === chosen ? "true" : null,
        onclick: inside(path),
      },
      mark(markOf(order), 22),
      h(
        "span.what",
        {},
        h("span.line", {}, h("span.no", {}, order.order_no.slice(0, cut), h("b", {}, order.order_no.slice(cut))), " ", h("span.whom", {}, order.customer.name)),
        h(`span.why${isRed ? ".is-red" : ""}`, {}, isRed ? order.colour.why : t(order.state)),
        order.tags.length > 0 && h("span.tags", {}, order.tags.map(tag))
      ),
      h(
        "span.side",
        {},
        order.amount_fen === undefined ? t("pieces", { kinds: order.lines.length, n: pieces }) : money(order.amount_fen),
        h("small", {}, when(order.colour.since))
      )
    )
  );
}

/** Why it cannot be shown, and what to press. @param {unknown} problem @param {() => void} again */
export function refusal(problem, again) {
  const why = problem instanceof Problem ? problem.message : t("fault");
  return h("div.plain", {}, h("p", { role: "alert" }, why), h("button", { type: "button", onclick: again }, t("again")));
}

/** 加急 is the only filled one. @param {{tag: string, why: string}} one */
export function tag(one) {
  return h(`span.tag${one.tag === "加急" ? ".is-urgent" : ""}`, { title: one.why }, one.tag);
}
