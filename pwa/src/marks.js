/** @file The four marks, the two that are not in yet or over, the logo, and the few icons. Shapes differ, so that no
 * colour is needed to tell them apart. */
import { s } from "./dom.js";

const DRAWN = {
  disc: [["circle", { cx: 12, cy: 12, r: 10, class: "f-green" }]],
  diamond: [["path", { d: "M12 2.2 21.8 12 12 21.8 2.2 12z", class: "f-yellow" }]],
  triangle: [
    ["path", { d: "M12 2.6 22.8 21.4H1.2z", class: "f-red" }],
    ["path", { d: "M12 9v6", class: "cut" }],
    ["circle", { cx: 12, cy: 18.2, r: 1.4, class: "dot" }],
  ],
  open: [["rect", { x: 3, y: 3, width: 18, height: 18, rx: 1, class: "s-blue" }]],
  box: [
    ["rect", { x: 1.4, y: 1.4, width: 21.2, height: 21.2, rx: 2, class: "f-blue" }],
    ["path", { d: "M6.8 12.4l3.8 3.8 6.8-7.4", class: "cut" }],
  ],
  ring: [["circle", { cx: 12, cy: 12, r: 9.5, class: "s-grey dashed" }]],
  ended: [
    ["circle", { cx: 12, cy: 12, r: 9.5, class: "s-grey" }],
    ["path", { d: "M7.5 12h9", class: "s-grey" }],
  ],
  // Icons: one idea, one icon, never a mark's shape.
  call: [["path", { class: "icon", d: "M6 3.8h3l1.7 4.2-2.1 1.5a12 12 0 0 0 5.9 5.9l1.5-2.1 4.2 1.7v3a2 2 0 0 1-2.2 2A16.3 16.3 0 0 1 4 6a2 2 0 0 1 2-2.2z" }]],
  back: [["path", { class: "icon", d: "M15 5.5 8.5 12l6.5 6.5" }]],
  look: [
    ["path", { class: "icon", d: "M2.5 12C4.5 8.2 8 6 12 6s7.5 2.2 9.5 6c-2 3.8-5.5 6-9.5 6s-7.5-2.2-9.5-6z" }],
    ["circle", { class: "icon", cx: 12, cy: 12, r: 2.8 }],
  ],
  said: [["path", { class: "icon", d: "M4 5.500h16v11h-9l-4 3.500v-3.500H4z" }]],
  note: [["path", { class: "icon", d: "M5 12h14" }]],
};

const BY_STATE = {
  awaiting_payment: "ring",
  paid: "disc",
  to_pick: "disc",
  picking: "diamond",
  packed: "diamond",
  shipped: "open",
  delivered: "box",
};

/** The mark of an order as the server colours it. @param {{state: string, colour: {code: string}}} order */
export function markOf(order) {
  return order.colour.code === "red" ? "triangle" : BY_STATE[order.state] || "ended";
}

/** @param {string} state */
export function markOfState(state) {
  return BY_STATE[state] || "ended";
}

/** @param {string} shape @param {number} size in px */
export function mark(shape, size) {
  const parts = DRAWN[shape].map(([tag, props]) => s(tag, props));
  return s("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" }, ...parts);
}

export function logo() {
  return s(
    "svg",
    { viewBox: "0 0 36 16", width: 36, height: 16, "aria-hidden": "true" },
    s("circle", { cx: 6, cy: 8, r: 4.3, class: "s-ink" }),
    s("path", { d: "M11 8h10", class: "s-ink" }),
    s("rect", { x: 21, y: 1.5, width: 13, height: 13, rx: 2, class: "f-ink" })
  );
}
