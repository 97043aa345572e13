/** @file The lines between a sample's rows and the order's fields: measured where both stand, drawn again when that changes. */
import { html, useLayoutEffect, useState } from "../vendor/preact.js";
import { joined } from "./model.js";

/** @param {{box: {current: HTMLElement|null}, mapping: any, tree: any[], chosen: string, field: string}} props */
export function Curves({ box, mapping, tree, chosen, field }) {
  const [lines, draw] = useState(/** @type {{d: string, isBold: boolean, key: string}[]} */ ([]));
  const [size, fit] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const measure = () => {
      const all = box.current;
      if (!all || !window.matchMedia("(min-width: 1024px)").matches) return void draw([]);
      const at = all.getBoundingClientRect();
      const ports = new Map(Array.from(all.querySelectorAll("[data-path]"), (one) => [one.getAttribute("data-path"), one]));
      const found = [];
      for (const one of Array.from(all.querySelectorAll("[data-field]"))) {
        const name = one.getAttribute("data-field") || "";
        const to = middle(one.querySelector(".gate-port"), at);
        for (const row of joined(mapping, name, tree)) {
          const from = middle((ports.get(row.path) || one).querySelector(".gate-port"), at);
          if (from && to) found.push({ key: `${row.path} ${name}`, isBold: row.path === chosen || name === field, d: curve(from, to) });
        }
      }
      fit({ width: at.width, height: at.height });
      draw(found);
    };
    measure();
    const watch = new ResizeObserver(measure);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, [mapping, tree, chosen, field]);
  return html`<svg class="gate-curves" width=${size.width} height=${size.height} viewBox=${`0 0 ${size.width} ${size.height}`} aria-hidden="true">
    ${lines.map((one) => html`<path key=${one.key} d=${one.d} class=${one.isBold ? "is-bold" : ""} />`)}
  </svg>`;
}

/** @param {Element|null} port @param {DOMRect} at */
function middle(port, at) {
  if (!port) return null;
  const one = port.getBoundingClientRect();
  return { x: one.left + one.width / 2 - at.left, y: one.top + one.height / 2 - at.top };
}

/** @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
function curve(from, to) {
  const half = (from.x + to.x) / 2;
  return `M${from.x} ${from.y}C${half} ${from.y} ${half} ${to.y} ${to.x} ${to.y}`;
}
