/** @file The shell: who is here, which address, what stands on the page. Each view draws itself into its pane. */
import { call, cookie, heardAt, Problem } from "./api.js";
import { fill, h } from "./dom.js";
import { clock } from "./format.js";
import { logo } from "./marks.js";
import { OrderList } from "./views/list.js";
import { oneOrder } from "./views/order.js";
import { signIn } from "./views/sign_in.js";
import { language, speak, t } from "./words.js";

const RETRY_MS = 5000;
const root = /** @type {HTMLElement} */ (document.getElementById("app"));

/** @type {{user: any, rights: string[]}|null} */
let me = null;
/** @type {OrderList|null} */
let list = null;
let waiting = 0;
/** @type {(() => void)|null} */
let retry = null;
let scrolled = 0;

const band = h("p.band", { role: "status" });
const listPane = h("section.list", {});
const orderPane = h("section.one", {});

const app = {
  /** @param {string} right */
  may: (right) => me !== null && me.rights.indexOf(right) >= 0,
  /** @param {string} path */
  go: (path) => {
    if (path !== location.pathname) history.pushState(null, "", path);
    route();
  },
  call,
  /** What every view does with a failure: sign in again, wait for the server, or give it back to be said in place.
   * @param {unknown} problem @param {() => void} again */
  failed: (problem, again) => {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 401) {
      askWho(t("session_over"));
      return true;
    }
    if (problem.isAway) {
      away(again);
      return true;
    }
    return false;
  },
  /** The server answered. */
  reached: () => {
    window.clearTimeout(waiting);
    retry = null;
    fill(band);
  },
};

/** @param {() => void} again */
function away(again) {
  const at = heardAt ? clock(heardAt) : "";
  fill(band, at ? t(navigator.onLine ? "away_since" : "offline", { at }) : t("away"));
  window.clearTimeout(waiting);
  retry = again;
  waiting = window.setTimeout(again, RETRY_MS);
}

/** @param {string} [why] */
function askWho(why) {
  me = list = null;
  document.title = t("name");
  const form = signIn(app, why || "", start);
  draw(h("main.door", {}, form));
}

/** @param {HTMLElement} main */
function draw(main) {
  document.body.className = "";
  fill(root, header(), band, main);
}

function header() {
  const who = me && `${me.user.display} · ${t(`role_${me.user.role}`)}`;
  return h(
    "header.top",
    {},
    h("a.brand", { href: "/", "aria-label": t("name"), onclick: inside("/") }, logo(), h("b", {}, t("name"))),
    h(
      "nav.own",
      {},
      who && h("span.who", {}, who),
      h("button.quiet", { onclick: turnTheme }, t(isNight() ? "to_day" : "to_night")),
      h("button.quiet", { onclick: turnLanguage, lang: language() === "en" ? "zh-CN" : "en" }, t("other_language")),
      me && h("button.quiet", { onclick: signOut }, t("sign_out"))
    )
  );
}

/** A link within the app, still a link for a new tab. @param {string} path */
function inside(path) {
  return /** @param {MouseEvent} event */ (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    app.go(path);
  };
}

function isNight() {
  return document.documentElement.getAttribute("data-theme") === "dark";
}

function turnTheme() {
  localStorage.setItem("theme", isNight() ? "light" : "dark");
  dress();
  redraw();
}

function turnLanguage() {
  speak(language() === "en" ? "zh" : "en");
  redraw();
}

function dress() {
  document.documentElement.setAttribute("data-theme", localStorage.getItem("theme") === "dark" ? "dark" : "light");
}

function redraw() {
  if (me) enter();
  else askWho();
}

async function signOut() {
  try {
    await call("POST", "/api/logout");
  } catch (problem) {
    if (app.failed(problem, signOut)) return;
  }
  history.replaceState(null, "", "/");
  askWho();
}

/** Everything anew: after signing in, or in another language. */
function enter() {
  list = new OrderList(app, listPane, inside);
  draw(h("main.panes", {}, listPane, orderPane));
  list.load();
  route();
}

function route() {
  if (!me || !list) return;
  const found = /^\/app\/orders\/([^/]+)$/.exec(location.pathname);
  const scan = /^\/s\/([^/]+)$/i.exec(location.pathname);
  if (found && !document.body.classList.contains("reads-one")) scrolled = window.pageYOffset;
  document.body.classList.toggle("reads-one", Boolean(found));
  if (found) {
    const number = decodeURIComponent(found[1]);
    document.title = `${number} · ${t("name")}`;
    oneOrder(app, orderPane, number, inside);
    window.scrollTo(0, 0);
  } else {
    document.title = `${t("orders")} · ${t("name")}`;
    fill(orderPane, h("p.plain", {}, t("pick_one")));
    window.scrollTo(0, scrolled);
  }
  list.choose(found ? decodeURIComponent(found[1]) : "");
  list.say(scan ? t("scanned", { code: decodeURIComponent(scan[1]) }) : "");
}

async function start() {
  if (!cookie("csrf")) {
    askWho();
    return;
  }
  try {
    me = await call("GET", "/api/me");
  } catch (problem) {
    if (problem instanceof Problem && problem.isAway) {
      draw(h("main.door", {}));
      away(start);
    } else askWho(problem instanceof Problem && problem.status !== 401 ? problem.message : "");
    return;
  }
  app.reached();
  enter();
}

window.addEventListener("popstate", route);
window.addEventListener("online", () => retry && retry());
speak(language());
dress();
start();
