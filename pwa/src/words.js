/** @file Every word of the shell in both languages: one key, one pair. A test holds that no half is missing. */

/** @type {Object<string, [string, string]>} */
export const WORDS = {
  name: ["货到哪", "Huodaona"],
  orders: ["订单", "Orders"],
  other_language: ["English", "中文"],
  to_night: ["夜班", "Night"],
  to_day: ["白天", "Day"],
  sign_out: ["退出", "Sign out"],
  sign_in: ["登录", "Sign in"],
  signing_in: ["正在登录…", "Signing in…"],
  sign_in_title: ["货到哪了", "Where are the goods"],
  user: ["用户名", "User"],
  password: ["密码", "Password"],
  session_over: ["登录过期，再登录一次。", "The session ended, sign in again."],
  no_cookie: [
    "浏览器没存下登录。这个地址要走 https，或在本机打开。",
    "The browser kept no session. Use https, or open it on this machine.",
  ],
  find: ["找单", "Find"],
  find_hint: ["单号、客户、手机、货号的开头", "Order, customer, phone or part, from its beginning"],
  all: ["全部", "All"],
  stuck: ["卡住", "Stuck"],
  awaiting_payment: ["待付款", "Unpaid"],
  paid: ["已付款", "Paid"],
  to_pick: ["待拣", "To pick"],
  picking: ["拣货中", "Picking"],
  packed: ["已打包", "Packed"],
  shipped: ["在途", "On its way"],
  delivered: ["已签收", "Delivered"],
  cancelled: ["已取消", "Cancelled"],
  returned: ["已退回", "Returned"],
  amended: ["已改单", "Changed"],
  held: ["挂起", "On hold"],
  loading: ["正在读…", "Reading…"],
  more: ["再看 50 单", "50 more"],
  shown: ["{n} 单，新的在上", "{n} orders, newest first"],
  none_found: ["没有找到 {q}", "Nothing found for {q}"],
  none_found_hint: ["从开头打起，比如单号 HD、手机 138、货号 BP。", "Type from the beginning: HD…, 138…, BP…"],
  none_here: ["这里现在没有单", "Nothing here now"],
  none_here_hint: ["换一个状态看看。", "Look at another state."],
  empty: ["还没有订单。先让一单走一遍。", "No orders yet. Let one walk through."],
  empty_hint: ["订单从渠道、导入或接口进来，怎么接看", "Orders come from a channel, an import or the API; see"],
  away: ["连不上，正在重试。", "No connection, retrying."],
  away_since: ["连不上，{at} 的样子。正在重试。", "No connection, as of {at}. Retrying."],
  offline: ["没有网，{at} 的样子。有网自动接上。", "Offline, as of {at}. It resumes by itself."],
  again: ["再试一次", "Try again"],
  back: ["返回订单", "Back to orders"],
  since_only: ["{at} 起", "Since {at}"],
  pick_one: ["选一单看看走到哪了", "Choose an order to see how far it has come"],
  paid_stage: ["付款", "Paid"],
  placed_stage: ["下单", "Ordered"],
  pick_stage: ["拣货", "Picking"],
  sign_stage: ["签收", "Delivered"],
  way: ["走到哪了", "How far it has come"],
  since: ["{at} 起", "since {at}"],
  pieces: ["{kinds} 种 · {n} 件", "{kinds} kinds · {n} pieces"],
  customer: ["客户", "Customer"],
  address: ["送到", "To"],
  received: ["收款", "Received"],
  received_of: ["已收 {paid}", "{paid} received"],
  received_part: ["已收 {paid}，还差 {left}", "{paid} received, {left} open"],
  on_account: ["月结", "On account"],
  nothing_received: ["还没收到", "Nothing yet"],
  channel: ["渠道", "Channel"],
  warehouse: ["仓库", "Warehouse"],
  holder: ["在谁手上", "With"],
  owner: ["销售", "Sales"],
  note: ["备注", "Note"],
  options: ["客户勾选", "Asked for"],
  checklist: ["清单", "Checklist"],
  done: ["已勾", "done"],
  open: ["没勾", "open"],
  parcels: ["包裹 {n} 个", "{n} parcels"],
  goods: ["货", "Goods"],
  qty: ["要", "Asked"],
  reserved: ["占用", "Reserved"],
  picked: ["已拣", "Picked"],
  short: ["缺", "Short"],
  amount: ["金额", "Amount"],
  timeline: ["流水", "History"],
  share: ["发查询链接", "Share tracking link"],
  sharing: ["正在取链接…", "Getting the link…"],
  link_ready: ["发给客户，{at} 前都能打开", "Send it to the customer; it opens until {at}"],
  link: ["查询链接", "Tracking link"],
  copy: ["复制", "Copy"],
  copied: ["已复制", "Copied"],
  look: ["打开看看", "Open it"],
  scanned: ["扫到 {code}。扫码要用拣货机，这里先看订单。", "Scanned {code}. Scanning belongs to the picking device; here are the orders."],
  fault: ["这一页打不开。", "This page does not open."],
  yesterday: ["昨天", "Yesterday"],
  role_owner: ["老板", "Owner"],
  role_supervisor: ["主管", "Supervisor"],
  role_sales: ["销售", "Sales"],
  role_finance: ["财务", "Finance"],
  role_picker: ["拣货", "Picker"],
  "order.placed": ["进单", "Order came in"],
  "order.paid": ["收款 {paid}", "Received {paid}"],
  "order.cleared": ["月结放行", "Cleared on account"],
  "order.reserved": ["占到货", "Goods reserved"],
  "order.fell_back": ["占用被收回", "Reservation taken back"],
  "order.picking_started": ["开始拣货", "Picking began"],
  "order.picked": ["拣货", "Picked"],
  "order.packed": ["打包", "Packed"],
  "order.shipped": ["发货 {carrier} {waybill}", "Shipped {carrier} {waybill}"],
  "order.delivered": ["签收 {evidence}", "Delivered {evidence}"],
  "order.cancelled": ["取消：{reason}", "Cancelled: {reason}"],
  "order.held": ["挂起：{reason}", "On hold: {reason}"],
  "order.lifted": ["解挂", "Hold lifted"],
  "order.tagged": ["改标签", "Tags changed"],
  "order.commented": ["说：{text}", "Said: {text}"],
  "order.checked": ["勾清单：{item}", "Checked: {item}"],
  "order.returned": ["退货", "Came back"],
  "order.attached": ["传了文件", "File added"],
  "order.resolved": ["处理异常：{exception}", "Resolved: {exception}"],
  "order.refunded": ["退款", "Refunded"],
  "order.excepted": ["两处对不上", "Something differs"],
  "order.amended": ["改单，换新版本", "Changed to a new version"],
  "order.restored": ["恢复旧版本", "Restored from a version"],
  "order.carried": ["沿用已拣的货", "Picked goods carried over"],
  "order.settled": ["处理冲突", "Conflict settled"],
  "order.viewed": ["看了这单", "Looked at it"],
  "order.sku_known": ["货号补上了", "Part is known now"],
  "link.made": ["发了查询链接", "Tracking link shared"],
  "link.revoked": ["收回查询链接", "Tracking link revoked"],
};

const KEY = "lang";
let lang = start();

/** @returns {"zh"|"en"} */
function start() {
  const kept = localStorage.getItem(KEY);
  if (kept === "zh" || kept === "en") return kept;
  return /^en\b/i.test(navigator.language || "") ? "en" : "zh";
}

/** @returns {"zh"|"en"} */
export function language() {
  return lang;
}

/** @param {"zh"|"en"} to */
export function speak(to) {
  lang = to;
  localStorage.setItem(KEY, to);
  document.documentElement.lang = to === "en" ? "en" : "zh-CN";
}

/**
 * The words of a key with its facts put in; an unknown key is shown as it is, so that nothing is hidden.
 * @param {string} key
 * @param {Object<string, unknown>} [facts]
 */
export function t(key, facts) {
  const pair = WORDS[key];
  const text = pair ? pair[lang === "en" ? 1 : 0] : key;
  return text.replace(/\{(\w+)\}/g, (_, name) => fact(facts, name))
    .replace(/[\s:：]+$/, "")
    .replace(/\b1 (kind|order|parcel|piece)s\b/g, "1 $1");
}

/** @param {Object<string, unknown>|undefined} facts @param {string} name */
function fact(facts, name) {
  const value = facts ? facts[name] : undefined;
  return value === undefined || value === null ? "" : String(value);
}
