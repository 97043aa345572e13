/** @file A new device's card: its one-time code to scan or to type. Shown once, since the server keeps none of it. */
import { html, useEffect } from "../vendor/preact.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";

const QUIET = 4;

/** @param {{card: {label: string, warehouse: string, device: string, code: string, expires_at: string, qr: string[]}, onClose: () => void}} props */
export function Card({ card, onClose }) {
  useEffect(() => {
    document.body.classList.add("desk-has-card");
    return () => document.body.classList.remove("desk-has-card");
  }, []);
  return html`<${Sheet} title=${t("desk_card_of", { name: card.label })} onClose=${onClose}>
    <div class="desk-card">
      <${Symbol} rows=${card.qr} label=${card.code} />
      <div class="desk-card-words">
        <p class="desk-card-name"><b>${card.label}</b> · ${card.warehouse}</p>
        <p class="desk-code">${card.code}</p>
        <p>${t("desk_card_do", { url: `${location.origin}/app/pick` })}</p>
        <p class="second">${t("desk_card_until", { at: when(card.expires_at, true) })} · ${card.device}</p>
      </div>
    </div>
    <p class="desk-para desk-bold desk-screen">${t("desk_card_once")}</p>
    <p class="desk-do desk-screen"><${Button} kind="primary" icon="print" onClick=${() => window.print()}>${t("desk_card_print")}</${Button}></p>
  </${Sheet}>`;
}

/** Black on white by day and night, four modules free around it. @param {{rows: string[], label: string}} props */
function Symbol({ rows, label }) {
  const size = rows.length + 2 * QUIET;
  const dark = rows.map(drawn).join("");
  return html`<svg class="desk-qr" viewBox=${`0 0 ${size} ${size}`} width="232" height="232" role="img" aria-label=${label} shape-rendering="crispEdges">
    <path d=${`M0 0h${size}v${size}H0z`} class="desk-light" /><path d=${dark} class="desk-dark" /></svg>`;
}

/** A row's dark runs as one path. @param {string} row @param {number} y */
function drawn(row, y) {
  let path = "";
  for (let x = row.indexOf("1"); x >= 0; x = row.indexOf("1", x)) {
    const end = row.indexOf("0", x) < 0 ? row.length : row.indexOf("0", x);
    path += `M${x + QUIET} ${y + QUIET}h${end - x}v1h${x - end}z`;
    x = end;
  }
  return path;
}
