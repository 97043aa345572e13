/** @file The picker's room: which screen stands now. A full stop comes before a conflict, a conflict before the work; what
 * has been taken is always read from the device's own store. */
import { effect, html, useEffect, useState } from "../vendor/preact.js";
import { go, path, title } from "../app.js";
import { Loading } from "../kit/notes.js";
import { play } from "../kit/sound.js";
import { Sounds } from "../me/sounds.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/pick.js";
import { scanned } from "./acts.js";
import { Amount } from "./amount.js";
import { Broken } from "./broken.js";
import { Question } from "./conflict.js";
import { Enrol } from "./enrol.js";
import { Head, ScanField } from "./frame.js";
import { HandOver, Who } from "./handover.js";
import { device, isEnrolled, item, lost, opened, pad, question, sheet, standing, stopped, tasks, whole } from "./hand.js";
import { Line } from "./line.js";
import { CodeEntry, Menu } from "./menu.js";
import { Queue } from "./queue.js";
import { Stop } from "./stop.js";
import { Tasks } from "./tasks.js";
import { Whole } from "./whole.js";

addWords(WORDS);

const LABEL = /^\/[sS]\/([^/]+)\/?$/;

export function Room() {
  useEffect(() => {
    void opened();
    return watch();
  }, []);
  const here = device.value;
  if (!here) return html`<div class="pick"><main><${Loading} /></main></div>`;
  const broken = here.broken.value;
  if (broken) return html`<div class="pick"><${Broken} broken=${broken} /></div>`;
  const place = path.value;
  if (!isEnrolled.value || place === "/app/pick/enrol") return html`<div class="pick"><${Enrol} /></div>`;
  if (!here.actor.value) return html`<div class="pick"><${Who} /></div>`;
  return html`<div class="pick">
    <${ScanField} />
    ${LABEL.test(place) && html`<${Arrival} code=${place} />`}
    <${Screen} place=${place} />
    ${!stopped.value && sheet.value === "menu" && html`<${Menu} />`}
    ${!stopped.value && sheet.value === "code" && html`<${CodeEntry} />`}
  </div>`;
}

/** @param {{place: string}} props */
function Screen({ place }) {
  const asked = question.value;
  const done = whole.value;
  if (stopped.value) return html`<${Stop} told=${stopped.value} />`;
  if (asked) return html`<${Question} key=${asked.id} conflict=${asked} />`;
  if (done) return html`<${Whole} task=${done} />`;
  if (place === "/app/pick/queue") return html`<${Queue} />`;
  if (place === "/app/pick/handover") return html`<${HandOver} />`;
  if (place === "/app/pick/count") return html`<${Count} />`;
  if (place === "/app/pick/sounds") return html`<${SoundsScreen} />`;
  if (standing.value && item.value) return pad.value ? html`<${Amount} />` : html`<${Line} />`;
  return html`<${Tasks} />`;
}

/** Counting is not every day's: it is loaded by who goes there, offline from the shell that is kept. */
function Count() {
  const [screen, show] = useState(/** @type {any} */ (null));
  const [isLost, lose] = useState(false);
  useEffect(() => {
    import("./count.js").then(
      (made) => show(() => made.Count),
      () => lose(true)
    );
  }, []);
  if (isLost) return html`<${Head} to="/app/pick" title=${t("pick_count")} /><main class="pick-main"><div class="pick-end"><h2>${t("pick_count_away")}</h2></div></main>`;
  return screen ? html`<${screen} />` : html`<main><${Loading} /></main>`;
}

function SoundsScreen() {
  title(t("me_sounds"));
  return html`<${Head} to="/app/pick" title=${t("me_sounds")} hasChip=${false} /><main class="pick-main pick-sounds"><${Sounds} /></main>`;
}

/** A label's address was opened, on this device by its camera: as if it had been scanned. @param {{code: string}} props */
function Arrival({ code }) {
  useEffect(() => {
    const found = LABEL.exec(code);
    go("/app/pick", true);
    if (found) void scanned(decoded(found[1]), { isOpened: true });
  }, [code]);
  return null;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    return text;
  }
}

/** Sounds for what comes from outside, and the end of a line that was in hand. @returns {() => void} */
function watch() {
  let asked = "";
  let held = "";
  return effect(() => {
    const now = question.value ? question.value.id : "";
    if (now && now !== asked) play("conflict");
    asked = now;
    const order = item.value ? item.value.task.order_no : "";
    const wasHeld = held;
    held = order || (path.value === "/app/pick/line" ? held : "");
    if (wasHeld && wasHeld !== order && !tasks.value.some((one) => one.order_no === wasHeld)) {
      held = order;
      taken(wasHeld);
    }
  });
}

/** The order in hand was taken out of the walk: a conflict asks if pieces are in hand, else this says so. @param {string} orderNo */
function taken(orderNo) {
  const here = device.peek();
  lost.value = orderNo;
  if (!here || here.conflicts.peek().some((one) => one.order_no === orderNo && one.mine.length > 0)) return;
  const gone = here.gone.peek().find((one) => one.order_no === orderNo);
  stopped.value = { kind: "gone", gone: gone || { order_no: orderNo, why: "", by: "", by_name: "", reason: "" } };
  play("conflict");
}
