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

/** @param {any} app @param {HTMLElement} pane @param {(path: string) => (event: MouseEvent) => void} inside */
export function orderList(app, pane, inside) {
  /** @type {any[]} */
  let items = [];
  /** @type {string|null} */
  let next = null;
  let filter = FILTERS[0];
  let words = "";
  let chosen = "";
  let asked = 0;
  let timer = 0;

  const note = h("p.note", { role: "status" });
  const rows = h("div.rows", {});
  const chips = h("div.chips", { role: "group", "aria-label": t("orders") });
  const input = /** @type {HTMLInputElement} */ (
    h("input", { id: "q", type: "search", autocomplete: "off", "aria-describedby": "q-hint", oninput: typed })
  );
  fill(
    pane,
    h("h1.unseen", {}, t("orders")),
    h(
      "form.find",
      { role: "search", onsubmit: /** @param {Event} event */ (event) => (event.preventDefault(), search()) },
      h("label", { for: "q" }, t("find")),
      input,
      h("p.hint", { id: "q-hint" }, t("find_hint"))
    ),
    chips,
    note,
    rows
  );

  function typed() {
    window.clearTimeout(timer);
    timer = window.setTimeout(search, PAUSE_MS);
  }

  function search() {
    window.clearTimeout(timer);
    if (input.value.trim() === words) return;
    words = input.value.trim();
    load();
  }

  function drawChips() {
    fill(
      chips,
      FILTERS.map((one) =>
        h(
          "button.chip",
          {
            type: "button",
            "aria-pressed": one === filter ? "true" : "false",
            onclick: () => {
              filter = one;
              drawChips();
              load();
            },
          },
          one[1] && mark(one[1], 16),
          t(one[0])
        )
      )
    );
  }

  /** From the top; an answer that comes after a newer question is dropped. */
  async function load() {
    const mine = ++asked;
    if (!items.length) fill(rows, h("p.plain", {}, t("loading")));
    try {
      const found = await app.call("GET", address(""));
      if (mine !== asked) return;
      items = found.items;
      next = found.next;
      app.reached();
      draw();
    } catch (problem) {
      if (mine === asked) failed(problem, load);
    }
  }

  async function more() {
    const mine = ++asked;
    try {
      const found = await app.call("GET", address(next || ""));
      if (mine !== asked) return;
      items = items.concat(found.items);
      next = found.next;
      app.reached();
      draw();
    } catch (problem) {
      if (mine === asked) failed(problem, more);
    }
  }

  /** @param {string} cursor */
  function address(cursor) {
    const parts = [`limit=${LIMIT}`];
    if (filter[2]) parts.push(filter[2]);
    if (words) parts.push(`q=${encodeURIComponent(words)}`);
    if (cursor) parts.push(`cursor=${encodeURIComponent(cursor)}`);
    return `/api/orders?${parts.join("&")}`;
  }

  /** @param {unknown} problem @param {() => void} again */
  function failed(problem, again) {
    if (!app.failed(problem, again)) {
      app.reached();
      fill(rows, refusal(problem, again));
    } else if (!items.length) fill(rows);
  }

  function draw() {
    if (!items.length) {
      fill(rows, nothing());
      return;
    }
    fill(
      rows,
      h("ol", { "aria-label": t("orders") }, items.map((order) => row(order, chosen, inside))),
      h(
        "p.foot",
        {},
        next ? h("button.second", { type: "button", onclick: more }, t("more")) : t("shown", { n: items.length })
      )
    );
  }

  function nothing() {
    const isEmpty = !words && filter === FILTERS[0];
    const key = isEmpty ? "empty" : words ? "none_found" : "none_here";
    const hint = h("p.second", {}, t(`${key}_hint`), isEmpty && [" ", h("a", { href: "/docs" }, "/docs")]);
    return h("div.nothing", {}, h("p", {}, h("b", {}, t(key, { q: words }))), hint);
  }

  drawChips();
  return {
    load,
    /** @param {string} number */
    choose: (number) => {
      chosen = number;
      for (const link of Array.from(rows.querySelectorAll("a.row"))) {
        if (link.getAttribute("data-no") === number) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    },
    /** @param {string} text */
    say: (text) => fill(note, text),
  };
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
