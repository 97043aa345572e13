/** @file One channel: its messages, its mapping, its sheets, its words, what it was, how senders prove themselves. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, go, lang, query, reached } from "../app.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Loading, Trouble } from "../kit/notes.js";
import { Segments } from "../kit/segments.js";
import { t } from "../words.js";
import { Access } from "./access.js";
import { Changing } from "./changing.js";
import { useCatalogue } from "./joiner.js";
import { Keywords } from "./keywords.js";
import { Messages } from "./messages.js";
import { Sheets } from "./upload.js";
import { Versions } from "./versions.js";

/** @type {Object<string, any>} */
const TABS = { messages: Messages, mapping: Changing, sheets: Sheets, keywords: Keywords, versions: Versions, access: Access };

/** @param {{code: string}} props */
export function Channel({ code }) {
  const [channel, put] = useState(/** @type {any} */ (null));
  // Each part begins with what the server holds now: somebody else may have saved meanwhile.
  const [fresh, mark] = useState("");
  const [problem, say] = useState(/** @type {Problem|null} */ (null));
  const things = useCatalogue();
  const tab = TABS[query.value.get("tab") || ""] ? String(query.value.get("tab")) : "messages";
  const read = async () => {
    try {
      const found = await call("GET", `/api/channels/${encodeURIComponent(code)}`);
      reached();
      put(found);
      mark(tab);
      say(null);
    } catch (error) {
      if (!failed(error, read)) say(/** @type {Problem} */ (error));
    }
  };
  useEffect(() => void read(), [code, lang.value, tab]);
  const Page = TABS[tab];
  return html`
    <header class="gate-head gate-steps">
      <${Link} href="/app/channels" class="button quiet square" label=${t("gate_back")}><${Icon} name="back" size=${22} /></${Link}>
      <h1 tabindex="-1">${t("gate_named", { name: channel ? channel.label : code })}</h1>
      ${channel && html`<span class="second">${t(channel.enabled ? "gate_on" : "gate_off")} · ${t("gate_version", { n: channel.version })}</span>`}
    </header>
    <${Segments} label=${t("gate_parts")} class="gate-tabs" value=${tab} items=${Object.keys(TABS).map((key) => ({ key, text: t(`gate_tab_${key}`) }))}
      onChange=${(/** @type {string} */ key) => go(`/app/channels/${encodeURIComponent(code)}?tab=${key}`)} />
    ${problem && html`<${Trouble} problem=${problem} again=${read} />`}
    ${(fresh !== tab || !things) && !problem && html`<${Loading} />`}
    ${channel && fresh === tab && things && html`<${Page} key=${tab} code=${code} channel=${channel} things=${things} saved=${put} />`}`;
}
