/** @file What every picker screen stands in: a header that shows, the content, a foot that acts; and the scanner's field. */
import { html, useLayoutEffect, useRef } from "../vendor/preact.js";
import { go } from "../app.js";
import { clock } from "../format.js";
import { SyncChip } from "../kit/chip.js";
import { Icon } from "../kit/icons.js";
import { isSilent, unlock } from "../kit/sound.js";
import { t } from "../words.js";
import { known, scanned } from "./acts.js";
import { device } from "./hand.js";
import { isReady, Scanner } from "./scan.js";

const IDLE_KEY = "scan_idle_ms";

/** @type {Scanner|null} */
let scanner = null;

/** Where a scanner that types puts its text: seen by input methods, not by people. It listens before the screen is
 * painted, since a scan may come with the first picture. */
export function ScanField() {
  const field = useRef(/** @type {HTMLInputElement|null} */ (null));
  useLayoutEffect(() => {
    const made = new Scanner({ onScan: (text) => void scanned(text), knows: known, idle: Number(localStorage.getItem(IDLE_KEY)) || 100 });
    scanner = made;
    if (field.current) made.attach(field.current);
    document.addEventListener("pointerdown", unlock, true);
    return () => {
      made.detach();
      document.removeEventListener("pointerdown", unlock, true);
    };
  }, []);
  return html`<input class="pick-scan" type="text" inputmode="none" autocomplete="off" autocorrect="off" autocapitalize="off"
    spellcheck=${false} aria-label=${t("pick_scan_field")} ref=${field} />`;
}

/** Said only while it is so. */
export function NotReady() {
  if (isReady.value) return null;
  return html`<button type="button" class="pick-unready" onClick=${() => scanner && scanner.focus()}>
    <${Icon} name="scan" size=${22} /><span>${t("pick_not_ready")}</span>
  </button>`;
}

/** @param {{to?: string, onBack?: () => void, title: any, children?: any, hasChip?: boolean}} props */
export function Head({ to, onBack, title, children, hasChip = true }) {
  const back = onBack || (to ? () => go(to) : null);
  const here = device.value;
  const chip = here ? here.chip.value : null;
  return html`<header class="pick-head">
    ${back && html`<button type="button" class="pick-back" aria-label=${t("pick_back")} onClick=${back}><${Icon} name="back" size=${28} /></button>`}
    <h1>${title}</h1>
    ${isSilent.value && html`<span class="pick-silent" role="img" aria-label=${t("pick_silent")}><${Icon} name="silent" size=${22} /></span>`}
    ${children}
    ${hasChip && chip && html`<${SyncChip} chip=${{ kind: chip.kind, n: chip.n, at: chip.at ? clock(chip.at) : "" }} onClick=${() => go("/app/pick/queue")} />`}
  </header>`;
}

/** @param {{children?: any, class?: string}} props */
export function Foot({ children, class: name = "" }) {
  return html`<footer class=${`pick-foot ${name}`}>${children}</footer>`;
}

/** The rack seen from the aisle, its levels counted from the floor. @param {{level: number, levels: number, size?: number}} props */
export function Rack({ level, levels, size = 36 }) {
  const most = Math.min(Math.max(levels, 1), 8);
  const step = 40 / most;
  const y = (/** @type {number} */ n) => 44 - n * step;
  return html`<svg class="pick-rack" viewBox="0 0 36 46" width=${size} height=${(size * 46) / 36} aria-hidden="true">
    <path d="M1 1v43.500M35 1v43.500" />
    ${Array.from({ length: most }, (_, n) => html`<path d=${`M1 ${y(n)}h34`} />`)}
    ${level > 0 && level <= most && html`<rect x="7" y=${y(level - 1) - Math.min(step - 3, 8)} width="22" height=${Math.min(step - 3, 8)} class="f-ink" />`}
  </svg>`;
}
