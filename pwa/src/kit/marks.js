/** @file The marks: one silhouette for each colour, so that no colour is needed to tell them apart; and the logo. */
import { html } from "../vendor/preact.js";

/** @type {Object<string, () => any>} */
const DRAWN = {
  disc: () => html`<circle cx="12" cy="12" r="10" class="f-green" />`,
  diamond: () => html`<path d="M12 2.2 21.8 12 12 21.8 2.2 12z" class="f-yellow" />`,
  triangle: () => html`<path d="M12 2.6 22.8 21.4H1.2z" class="f-red" /><path d="M12 9v6" class="cut" /><circle cx="12" cy="18.2" r="1.4" class="dot" />`,
  open: () => html`<rect x="3" y="3" width="18" height="18" rx="1" class="s-blue" />`,
  box: () => html`<rect x="1.4" y="1.4" width="21.2" height="21.2" rx="2" class="f-blue" /><path d="M6.8 12.4l3.8 3.8 6.8-7.4" class="cut" />`,
  ring: () => html`<circle cx="12" cy="12" r="9.5" class="s-grey dashed" />`,
  ended: () => html`<circle cx="12" cy="12" r="9.5" class="s-grey" /><path d="M7.5 12h9" class="s-grey" />`,
};

/** @type {Object<string, string>} */
const BY_STATE = {
  awaiting_payment: "ring",
  paid: "disc",
  to_pick: "disc",
  picking: "diamond",
  packed: "diamond",
  shipped: "open",
  delivered: "box",
};

/** The names that `Mark` draws. */
export const MARKS = Object.keys(DRAWN);

/** The mark of an order as the server colours it. @param {{state: string, colour: {code: string}}} order */
export function markOf(order) {
  return order.colour.code === "red" ? "triangle" : markOfState(order.state);
}

/** @param {string} state */
export function markOfState(state) {
  return BY_STATE[state] || "ended";
}

/** A mark stands beside its word, so it is silent. @param {{name: string, size?: number}} props size in px */
export function Mark({ name, size = 16 }) {
  return html`<svg class=${`mark mark-${name}`} viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true">${DRAWN[name]()}</svg>`;
}

/** The first and the last station with the line between them. */
export function Logo() {
  return html`<svg class="logo" viewBox="0 0 36 16" width="36" height="16" aria-hidden="true">
    <circle cx="6" cy="8" r="4.3" class="s-ink" /><path d="M11 8h10" class="s-ink" /><rect x="21" y="1.5" width="13" height="13" rx="2" class="f-ink" />
  </svg>`;
}
