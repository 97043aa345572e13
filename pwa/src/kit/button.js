/** @file Buttons act and are black or white. One that cannot act says why, and can still be reached by the keyboard. */
import { html, useState } from "../vendor/preact.js";
import { t } from "../words.js";
import { Icon } from "./icons.js";

let made = 0;

/**
 * @param {{kind?: "primary"|"second"|"quiet", size?: "picker"|"phone"|"small"|"", icon?: string, busy?: boolean|string,
 *   cannot?: string, onClick?: (event: any) => void, type?: "button"|"submit", label?: string, class?: string,
 *   pressed?: boolean, expanded?: boolean, children?: any}} props
 * `busy`: acts now (a text says it in place of the label). `cannot`: the reason, shown beneath. `label`: what is spoken
 * where an icon stands alone. No size: 48 on phones, 40 on desktops.
 */
export function Button(props) {
  const [id] = useState(() => `why-${++made}`);
  const { kind = "second", size = "", busy, cannot } = props;
  const name = ["button", kind, size, cannot ? "cannot" : "", props.class || ""].filter(Boolean).join(" ");
  /** @param {Event} event */
  const press = (event) => {
    if (busy || cannot) event.preventDefault();
    else if (props.onClick) props.onClick(event);
  };
  const pressed = props.pressed === undefined ? undefined : String(props.pressed);
  const expanded = props.expanded === undefined ? undefined : String(props.expanded);
  const button = html`<button type=${props.type || "button"} class=${name} onClick=${press} aria-label=${props.label}
      aria-busy=${busy ? "true" : undefined} aria-disabled=${cannot ? "true" : undefined} aria-pressed=${pressed}
      aria-expanded=${expanded} aria-describedby=${cannot ? id : undefined}>
    ${props.icon && html`<${Icon} name=${props.icon} size=${size === "picker" ? 28 : 18} />`}
    ${busy ? (busy === true ? t("acting") : busy) : props.children}
  </button>`;
  if (!cannot) return button;
  return html`<span class="button-why">${button}<small id=${id}>${cannot}</small></span>`;
}
