/** @file The sync chip: whether what is on this device is also on the server. It looks at the device's own work, not at
 * the network: with nothing waiting a dead network is no trouble. */
import { html } from "../vendor/preact.js";
import { t } from "../words.js";
import { Icon } from "./icons.js";
import { Mark } from "./marks.js";

/** @type {Object<string, string>} */
const ICON = { synced: "tick", syncing: "syncing", offline: "offline", saved: "saved" };

/**
 * @param {{chip: {kind: "synced"|"syncing"|"offline"|"saved"|"care"|"broken", n?: number, at?: string},
 *   onClick?: () => void}} props `at`: a clock time. Pressing opens the queue.
 */
export function SyncChip({ chip, onClick }) {
  const { kind, n, at } = chip;
  return html`<button type="button" class=${`chip chip-${kind}`} onClick=${onClick}>
    ${kind === "broken" ? html`<${Mark} name="triangle" size=${18} />` : ICON[kind] && html`<${Icon} name=${ICON[kind]} size=${20} />`}
    <span>${t(`chip_${kind}`, { n, at })}</span>
  </button>`;
}
