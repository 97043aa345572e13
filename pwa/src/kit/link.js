/** @file A link within the app: no reload, yet a true address for a new tab. */
import { html } from "../vendor/preact.js";
import { inside } from "../app.js";

/** @param {{href: string, class?: string, label?: string, current?: boolean|"page"|"step", children?: any, title?: string}} props */
export function Link(props) {
  const { href, label, current, children } = props;
  return html`<a href=${href} class=${props.class} aria-label=${label} title=${props.title}
    aria-current=${current ? (current === true ? "page" : current) : undefined} onClick=${inside(href)}>${children}</a>`;
}
