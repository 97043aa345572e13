/** @file The first sheet as it will be printed, and the way to print all. A refusal stands in its place, in words. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed, lang, reached } from "../app.js";
import { Icon } from "../kit/icons.js";
import { t } from "../words.js";
import { whyOf } from "./read.js";
import { isNamed } from "./sheets.js";

const TYPED_MS = 350;
/** Fields that say themselves what is wrong with them. */
const OWN = ["paper", "skip", "copies", "content"];

/** @param {{wish: import("./sheets.js").Wish, paper: any, count: number, pages: number, address: string, say: (wrong: {field: string, why: string}) => void}} props */
export function Preview({ wish, paper, count, pages, address, say }) {
  const [seen, show] = useState({ of: "", src: "", why: "" });
  const [tries, repeat] = useState(0);
  const of = address ? `/qr/${wish.kind}.png?${address}&pages=1` : "";
  useEffect(() => {
    if (!of) return void say({ field: "", why: "" });
    let isOver = false;
    const timer = window.setTimeout(async () => {
      try {
        const src = await picture(of);
        if (isOver) return URL.revokeObjectURL(src);
        reached();
        show({ of, src, why: "" });
        say({ field: "", why: "" });
      } catch (problem) {
        if (isOver || failed(problem, () => repeat((n) => n + 1))) return;
        const wrong = whyOf(problem);
        show({ of, src: "", why: isNamed(wish) || OWN.indexOf(wrong.field) >= 0 ? "" : wrong.why });
        say(wrong);
      }
    }, TYPED_MS);
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [of, lang.value, tries]);
  useEffect(() => () => (seen.src ? URL.revokeObjectURL(seen.src) : undefined), [seen.src]);
  const isNow = seen.of === of;
  const isRight = Boolean(of) && isNow && Boolean(seen.src);
  return html`<section class="desk-preview" aria-label=${t("desk_preview")}>
    <div class="desk-print">
      ${isRight
        ? html`<a class="button primary" target="_blank" rel="noopener" href=${`/qr/${wish.kind}.pdf?${address}`}><${Icon} name="print" size=${18} />${t(count ? "desk_open_n" : "desk_open_pdf", { n: count, pages })}</a>`
        : html`<p class="second" role="status">${!of ? t("desk_ask_ids") : isNow ? "" : t("desk_drawing")}</p>`}
      ${of && isNow && seen.why && html`<p class="desk-wrong" role="alert">${seen.why}</p>`}
      ${isRight && html`<p class="hint">${t("desk_full_size")}</p>`}
    </div>
    ${seen.src && of && html`<figure class=${`desk-sheet ${isNow ? "" : "is-old"}`}><img src=${seen.src} alt=${t("desk_preview")} />
      ${paper && !paper.is_roll && isNow && used(paper, Number(wish.skip) || 0)}</figure>`}
  </section>`;
}

/** @param {string} address @returns {Promise<string>} an address of the picture's own */
async function picture(address) {
  let answer;
  try {
    answer = await fetch(address, { headers: { "Accept-Language": lang.value === "en" ? "en" : "zh-CN" }, credentials: "same-origin" });
  } catch (error) {
    throw new Problem(0, "away", "");
  }
  if (answer.ok) return URL.createObjectURL(await answer.blob());
  const said = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, said.code || "fault", said.detail || t("fault"), said);
}

/** The cells that stay free: on the screen alone, since the sheet itself has nothing there. @param {any} paper @param {number} skip */
function used(paper, skip) {
  const cells = [];
  for (let n = 0; n < Math.min(skip, paper.columns * paper.rows); n++) {
    const x = paper.left + (n % paper.columns) * (paper.cell_w + paper.gap_x);
    const y = paper.top + Math.floor(n / paper.columns) * (paper.cell_h + paper.gap_y);
    const place = { left: part(x, paper.page_w), top: part(y, paper.page_h), width: part(paper.cell_w, paper.page_w), height: part(paper.cell_h, paper.page_h) };
    cells.push(html`<span class="desk-used" key=${n} style=${place}>${t("desk_used")}</span>`);
  }
  return cells;
}

/** @param {number} length @param {number} whole */
function part(length, whole) {
  return `${(100 * length) / whole}%`;
}
