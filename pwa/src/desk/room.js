/** @file The desk: labels to print, devices to hand out, conflicts to settle. */
import { html, useEffect } from "../vendor/preact.js";
import { lang, may, path, title } from "../app.js";
import { Empty } from "../kit/notes.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/desk.js";
import { Conflicts } from "./conflicts.js";
import { Devices } from "./devices.js";
import { Labels } from "./labels.js";

addWords(WORDS);

/** @type {Object<string, {right: string, word: string, Page: any}>} */
const PAGES = {
  labels: { right: "labels", word: "desk_labels", Page: Labels },
  devices: { right: "devices", word: "desk_devices", Page: Devices },
  conflicts: { right: "read", word: "desk_conflicts", Page: Conflicts },
};

export function Room() {
  const page = PAGES[path.value.split("/")[2]] || PAGES.conflicts;
  useEffect(() => title(t(page.word)), [page, lang.value]);
  if (!may(page.right)) return html`<main class="desk"><h1>${t(page.word)}</h1><${Empty} title=${t("desk_no_right")} /></main>`;
  return html`<main class=${`desk desk-${page.word.slice(5)}`}><${page.Page} key=${page.word} /></main>`;
}
