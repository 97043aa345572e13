/** @file The foot bar of an order: fetch its tracking link, show it, copy it. The same link each time. */
import { Problem } from "../api.js";
import { fill, h } from "../dom.js";
import { date } from "../format.js";
import { mark } from "../marks.js";
import { t } from "../words.js";

/** @param {any} app @param {string} path of the order in the API */
export function shareBar(app, path) {
  const said = h("div.said", { role: "status" });
  const button = h("button.primary", { type: "button", onclick: share }, t("share"));

  async function share() {
    fill(button, t("sharing"));
    try {
      const link = await app.call("POST", `${path}/tracking-link`);
      app.reached();
      fill(bar, shown(link));
    } catch (problem) {
      fill(button, t("share"));
      if (!app.failed(problem, share)) fill(said, problem instanceof Problem ? problem.message : t("fault"));
    }
  }

  const bar = h("div.share", {}, said, button);
  return bar;
}

/** @param {{url: string, expires_at: string}} link */
function shown(link) {
  const field = /** @type {HTMLInputElement} */ (
    h("input", { id: "link", readonly: true, value: link.url, onfocus: () => field.select() })
  );
  const copy = h("button.primary", { type: "button", onclick: copied }, t("copy"));

  async function copied() {
    field.focus();
    field.select();
    // Without https there is no clipboard object; the old command still works on a selection.
    if (navigator.clipboard) await navigator.clipboard.writeText(link.url).catch(() => document.execCommand("copy"));
    else document.execCommand("copy");
    fill(copy, t("copied"));
  }

  return [
    h("p.field", {}, h("label", { for: "link" }, t("link_ready", { at: date(link.expires_at) })), field),
    h("p.acts", {}, copy, h("a.button", { href: link.url, target: "_blank", rel: "noopener noreferrer" }, mark("look", 18), t("look"))),
  ];
}
