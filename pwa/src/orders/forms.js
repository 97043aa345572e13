/** @file The commands that need something typed: their fields, what is said above them, and their buttons, each named by
 * its effect. One registry. */
import { fenOf, money, yuan } from "../money.js";
import { t } from "../words.js";
import { choicesOf } from "./rules.js";

/**
 * @typedef {Object<string, string>} Values
 * @typedef {{name: string, label: string, hint?: string, isNeeded?: boolean, isLong?: boolean, kind?: string, mode?: string,
 *   max?: number, list?: string, choices?: {value: string, text: string}[], first?: string}} FieldSpec
 * @typedef {{key: string, text: string, isSecond?: boolean}} ButtonSpec
 * @typedef {Object} Form
 * @property {string} title
 * @property {string[]} [says] what is lost or done, before it is
 * @property {FieldSpec[]} fields
 * @property {ButtonSpec[]} buttons
 * @property {string} command
 * @property {(values: Values, button: string) => any} body or `{wrong: {…}}`: what is wrong, by field
 */

/** What stands in the record, and the word for it. */
const METHODS = [["微信支付", "wechat"], ["支付宝", "alipay"], ["银行转账", "bank"], ["现金", "cash"], ["其他", "other"]];
export const CARRIERS = ["顺丰", "德邦", "京东", "中通", "跨越", "自提"];

/** @param {any} order @param {any} of what it is about: an exception @returns {Object<string, () => Form>} */
function registry(order, of) {
  return {
    hold: () => one("hold", "reason", { says: [t("order_hold_says")], isLong: true }),
    comment: () => one("comment", "text", { says: [], isLong: true, max: 2000 }),
    cancel: () => one("cancel", "reason", { says: lossesOf(order), isLong: true }),
    deliver: () => ({ ...one("deliver", "evidence", { says: [t("order_deliver_says")], isLong: false }), fields: [evidence()] }),
    ship: () => ship(order),
    pay: () => pay(order),
    tag: () => tag(),
    resolve: () => resolve(order, of),
  };
}

/** @param {string} name @param {any} order @param {any} of @returns {Form} */
export function formOf(name, order, of) {
  return registry(order, of)[name]();
}

/** @param {string} name @param {string} field @param {{says: string[], isLong: boolean, max?: number}} more @returns {Form} */
function one(name, field, { says, isLong, max = 500 }) {
  return {
    title: t(`order_do_${name}`),
    says,
    fields: [{ name: field, label: t(`order_ask_${name}`), isNeeded: true, isLong, max }],
    buttons: [{ key: name, text: t(`order_do_${name}`) }],
    command: name,
    body: (values) => ({ [field]: values[field] }),
  };
}

/** @returns {FieldSpec} */
function evidence() {
  return { name: "evidence", label: t("order_ask_deliver"), hint: t("order_ask_deliver_hint"), max: 500 };
}

/** What a cancelled order loses; nobody brings it back. @param {any} order */
function lossesOf(order) {
  const sum = (/** @type {string} */ name) => order.lines.reduce((/** @type {number} */ all, /** @type {any} */ line) => all + line[name], 0);
  const [reserved, picked] = [sum("reserved"), sum("picked")];
  return [
    reserved ? t("order_cancel_reserved", { n: reserved }) : "",
    picked ? t("order_cancel_picked", { n: picked }) : "",
    order.paid_fen ? t("order_cancel_paid", { paid: money(order.paid_fen) }) : "",
    t("order_for_good"),
  ].filter(Boolean);
}

/** @param {any} order @returns {Form} */
function ship(order) {
  const n = order.lines.reduce((/** @type {number} */ all, /** @type {any} */ line) => all + Math.min(line.picked, line.qty), 0);
  return {
    title: t("order_do_ship"),
    says: [t("order_ship_says", { n }), t("order_for_good")],
    fields: [
      { name: "carrier", label: t("order_carrier"), isNeeded: true, max: 40, list: "orders-carriers" },
      { name: "waybill", label: t("order_waybill"), hint: t("order_waybill_hint"), max: 60 },
    ],
    buttons: [{ key: "ship", text: t("order_do_ship") }],
    command: "ship",
    body: (values) => ({ carrier: values.carrier, waybill: values.waybill || "" }),
  };
}

/** @param {any} order @returns {Form} */
function pay(order) {
  const left = order.amount_fen - order.paid_fen;
  return {
    title: t("order_do_pay"),
    says: [t("order_pay_says", { left: money(left) })],
    fields: [
      { name: "amount", label: t("order_ask_amount"), isNeeded: true, mode: "decimal", max: 14, first: yuan(left) },
      { name: "method", label: t("order_ask_method"), choices: METHODS.map(([value, key]) => ({ value, text: t(`order_method_${key}`) })), first: METHODS[0][0] },
    ],
    buttons: [{ key: "pay", text: t("order_do_pay") }],
    command: "pay",
    body: (values) => {
      const fen = fenOf(values.amount);
      return fen === null || fen === 0 ? { wrong: { amount: t("order_wrong_amount") } } : { method: values.method, amount_fen: fen };
    },
  };
}

/** @returns {Form} */
function tag() {
  return {
    title: t("order_do_tag"),
    says: [],
    fields: [{ name: "tag", label: t("order_ask_tag"), hint: t("order_ask_tag_hint"), isNeeded: true, max: 40 }],
    buttons: [{ key: "tag", text: t("order_do_tag") }],
    command: "tag",
    body: (values) => ({ add: values.tag.split(/[\s,，、]+/).filter(Boolean) }),
  };
}

/** @param {any} order @param {any} exception @returns {Form} */
function resolve(order, exception) {
  const choices = choicesOf(order, exception.code);
  return {
    title: t("order_do_resolve"),
    says: [exception.why].concat(choices.indexOf("apply") >= 0 ? [t(`order_apply_${exception.code}_says`)] : []),
    fields: [{ name: "why", label: t("order_ask_resolve"), isNeeded: true, isLong: true, max: 500 }],
    buttons: choices.map((key) => ({ key, text: t(`order_${key}_${exception.code}`), isSecond: choices.length > 1 })),
    command: "resolve",
    body: (values, choice) => ({ exception: exception.code, choice, why: values.why }),
  };
}
