/** @file The gateway: channels with their health, a new one from a pasted sample, and what a channel's page holds. */
import { html, useEffect } from "../vendor/preact.js";
import { lang, may, path, title } from "../app.js";
import { Empty } from "../kit/notes.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/gate.js";
import { Later } from "./later.js";
import { Channels } from "./list.js";

addWords(WORDS);

const made = () => import("./new.js").then((found) => found.NewChannel);
const one = () => import("./channel.js").then((found) => found.Channel);

export function Room() {
  const code = decodeURIComponent(path.value.split("/")[3] || "");
  useEffect(() => title(t("gate_channels")), [lang.value]);
  if (!may("channels")) return html`<main class="gate"><h1>${t("gate_channels")}</h1><${Empty} title=${t("gate_no_right")} /></main>`;
  const page = code === "" ? html`<${Channels} />` : code === "new" ? html`<${Later} key="new" load=${made} />` : html`<${Later} key=${code} load=${one} given=${{ code }} />`;
  return html`<main class="gate">${page}</main>`;
}
