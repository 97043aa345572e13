/** @file The shell: who is here, which room the address asks for, and what stands on the page until it has come. */
import { html, render, useEffect, useState } from "./vendor/preact.js";
import { call, Problem } from "./api.js";
import { band, begin, failed, go, hasSession, may, me, path, reached, signedOut } from "./app.js";
import { Empty, Loading } from "./kit/notes.js";
import { Button } from "./kit/button.js";
import { Link } from "./kit/link.js";
import { Door } from "./shell/door.js";
import { dressed } from "./shell/dress.js";
import { Band, Frame } from "./shell/frame.js";
import { homeOf, isPickingDevice, roomAt } from "./shell/rooms.js";
import { reloadIfGone, startUpdates } from "./update.js";
import { t } from "./words.js";

/** @type {Object<string, any>} */
const loaded = {};

/** Who was here last, for a start without a network: a name, a role and rights; gone when the session is. */
const KEPT = "me";

/** @returns {import("./app.js").Me|null} */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) || "null");
  } catch (error) {
    return null;
  }
}

function App() {
  const [isAsked, ask] = useState(false);
  const [isDevice, tell] = useState(false);

  async function enter() {
    try {
      me.value = await call("GET", "/api/me");
      localStorage.setItem(KEPT, JSON.stringify(me.value));
      reached();
    } catch (problem) {
      if (problem instanceof Problem && problem.isAway) {
        // With no network a draft and the frame are still there; the server judges every call by itself.
        if (!me.value) me.value = kept();
        if (me.value) ask(true);
        return void failed(problem, enter);
      }
      signedOut(problem instanceof Problem && problem.status !== 401 ? problem.message : "");
    }
    ask(true);
  }

  useEffect(() => {
    isPickingDevice().then((found) => {
      tell(found);
      if (hasSession()) enter();
      else ask(true);
    });
  }, []);

  const room = roomAt(path.value);
  // A picking device needs nobody to sign in, nor a server; the room itself says so where this is none.
  if (room && room.isOpen) return html`<${Loaded} room=${room} key=${room.name} />`;
  if (!isAsked) return html`<${Waiting} />`;
  if (!me.value && path.value === "/" && isDevice) return html`<${Move} to="/app/pick" />`;
  if (!me.value) return html`<${Band} /><${Door} entered=${enter} hasDevice=${isDevice} />`;
  if (path.value === "/" || path.value === "/app") {
    return html`<${Move} to=${isDevice && !may("settle") ? "/app/pick" : homeOf(me.value.user.role)} />`;
  }
  if (!room) return html`<${Frame}><${NoPlace} /></${Frame}>`;
  const inside = html`<${Loaded} room=${room} key=${room.name} />`;
  return room.isBare ? inside : html`<${Frame}>${inside}</${Frame}>`;
}

/** @param {{to: string}} props */
function Move({ to }) {
  useEffect(() => go(to, true), [to]);
  return html`<${Loading} />`;
}

/** Nothing is known yet: no server, perhaps. */
function Waiting() {
  return html`<${Band} /><main class="door">${!band.value && html`<${Loading} />`}</main>`;
}

function NoPlace() {
  return html`<main><${Empty} title=${t("no_place")} hint=${t("no_place_hint")}><${Link} href="/" class="button">${t("home")}</${Link}></${Empty}></main>`;
}

/** @param {{room: import("./shell/rooms.js").Room}} props */
function Loaded({ room }) {
  const [found, put] = useState(() => loaded[room.name] || null);
  const [isLost, lose] = useState(false);
  const fetchIt = () => {
    lose(false);
    Promise.all([room.load(), dressed(room.name)]).then(
      ([made]) => {
        loaded[room.name] = made.Room;
        put(() => made.Room);
      },
      (error) => {
        console.error(error);
        reloadIfGone().then((isGone) => isGone || lose(true));
      }
    );
  };
  useEffect(() => {
    if (!found) fetchIt();
  }, []);
  if (isLost) {
    return html`<main><${Empty} title=${t("room_missing")}><${Button} onClick=${fetchIt}>${t("again")}</${Button}></${Empty}></main>`;
  }
  return found ? html`<${found} />` : html`<main><${Loading} /></main>`;
}

begin();
startUpdates();
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
root.textContent = "";
render(html`<${App} />`, root);
