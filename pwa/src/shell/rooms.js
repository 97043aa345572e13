/** @file Every room of the app and its address: one list. A room is loaded with its styles when somebody goes there. */

/**
 * @typedef {Object} Room
 * @property {string} name also of its style, `styles/<name>.css`
 * @property {RegExp} at the addresses that are its own
 * @property {() => Promise<{Room: any}>} load
 * @property {boolean} [isBare] no frame around it
 * @property {boolean} [isOpen] needs nobody to sign in
 */

/** @type {Room[]} */
export const ROOMS = [
  { name: "board", at: /^\/app\/board(\/|$)/, load: () => import("../board/room.js") },
  { name: "board", at: /^\/app\/wall$/, load: () => import("../board/room.js"), isBare: true },
  { name: "orders", at: /^\/app\/orders(\/|$)/, load: () => import("../orders/room.js") },
  { name: "sales", at: /^\/app\/new$/, load: () => import("../sales/room.js") },
  { name: "promise", at: /^\/app\/promises(\/|$)/, load: () => import("../promise/room.js") },
  { name: "stock", at: /^\/app\/(stock(\/|$)|tasks$)/, load: () => import("../stock/room.js") },
  { name: "dock", at: /^\/app\/receive$/, load: () => import("../dock/room.js"), isBare: true },
  { name: "pick", at: /^\/(app\/pick(\/|$)|[sS]\/)/, load: () => import("../pick/room.js"), isBare: true, isOpen: true },
  { name: "desk", at: /^\/app\/(labels|devices|conflicts)(\/|$)/, load: () => import("../desk/room.js") },
  { name: "gate", at: /^\/app\/channels(\/|$)/, load: () => import("../gate/room.js") },
  { name: "master", at: /^\/app\/master(\/|$)/, load: () => import("../master/room.js") },
  { name: "living", at: /^\/app\/kit$/, load: () => import("../living/room.js"), isBare: true, isOpen: true },
  { name: "me", at: /^\/app\/me$/, load: () => import("../me/room.js") },
];

/** @param {string} path @returns {Room|null} */
export function roomAt(path) {
  return ROOMS.find((room) => room.at.test(path)) || null;
}

/** @typedef {{path: string, icon: string, word: string, right: string}} Place */

/** Where people go; in the order in which a phone's foot shows them.
 * @type {Object<string, Place>} */
const PLACES = {
  board: { path: "/app/board", icon: "board", word: "nav_board", right: "read" },
  orders: { path: "/app/orders", icon: "list", word: "nav_orders", right: "read" },
  new: { path: "/app/new", icon: "plus", word: "nav_new", right: "create" },
  promises: { path: "/app/promises", icon: "clock", word: "nav_promises", right: "promise" },
  stock: { path: "/app/stock", icon: "rack", word: "nav_stock", right: "stock" },
  receive: { path: "/app/receive", icon: "scan", word: "nav_receive", right: "move_stock" },
  pick: { path: "/app/pick", icon: "pick", word: "nav_pick", right: "sync" },
  conflicts: { path: "/app/conflicts", icon: "care", word: "nav_conflicts", right: "settle" },
  labels: { path: "/app/labels", icon: "label", word: "nav_labels", right: "labels" },
  devices: { path: "/app/devices", icon: "device", word: "nav_devices", right: "devices" },
  master: { path: "/app/master", icon: "book", word: "nav_master", right: "master" },
  channels: { path: "/app/channels", icon: "link", word: "nav_channels", right: "channels" },
};
/** @type {Object<string, string[]>} */
const BY_ROLE = {
  sales: ["orders", "new", "promises", "stock", "board"],
  picker: ["pick", "orders", "board", "stock"],
  finance: ["orders", "board", "conflicts", "stock"],
};
const OTHERWISE = ["board", "orders", "conflicts", "new", "stock", "receive", "promises", "labels", "devices", "master", "channels"];

/** So many places stand at a phone's foot; the others are under “me”. */
export const AT_FOOT = 3;

/** @param {string} role @param {(right: string) => boolean} may @returns {Place[]} */
export function placesOf(role, may) {
  return (BY_ROLE[role] || OTHERWISE).map((name) => PLACES[name]).filter((place) => may(place.right));
}

/** Where a role begins; an enrolled device begins at the walk, whoever holds it. @param {string} role */
export function homeOf(role) {
  if (!role) return "/app/pick";
  return PLACES[(BY_ROLE[role] || OTHERWISE)[0]].path;
}

/** Whether this browser is a picking device: the mark that device/ leaves beside its database, or, should the mark be lost in a crash, its database.
 * @returns {Promise<boolean>} */
export function isPickingDevice() {
  if (localStorage.getItem("huodaona-canary") !== null) return Promise.resolve(true);
  const list = window.indexedDB && /** @type {any} */ (indexedDB).databases;
  if (!list) return Promise.resolve(false);
  return list.call(indexedDB).then(
    (/** @type {{name: string}[]} */ found) => found.some((one) => one.name === "huodaona-queue"),
    () => false
  );
}
