/** @file Times and phones as people read them. */
import { language, t } from "./words.js";

export const WEEKDAYS = {
  zh: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
  en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export const DAY = 86400000;

/** The wall clock that an RFC 3339 text itself states, so that everybody reads the company's time.
 * @param {string} text */
export function wall(text) {
  const parts = /^(\d+)-(\d+)-(\d+)T(\d+:\d+)/.exec(text);
  if (!parts) return null;
  return { day: Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])), clock: parts[4] };
}

/** Today as that company's calendar has it. @param {string} like a text with the company's offset */
export function today(like) {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(like);
  const minutes = offset ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
  return Math.floor((Date.now() + minutes * 60000) / DAY) * DAY;
}

/** `10:18` of today, `昨天 10:18`, `周三 …` within the week, `1 月 15 日 …` beyond. @param {string} text
 * @param {boolean} [isInside] a sentence, where English is small */
export function when(text, isInside) {
  const at = wall(text);
  if (!at) return text;
  const days = Math.round((today(text) - at.day) / DAY);
  if (days === 0) return at.clock;
  if (days === 1) return `${isInside ? t("yesterday").toLowerCase() : t("yesterday")} ${at.clock}`;
  return `${days > 1 && days < 7 ? WEEKDAYS[language()][new Date(at.day).getUTCDay()] : date(text)} ${at.clock}`;
}

/** @param {string} text */
export function date(text) {
  const at = wall(text);
  if (!at) return text;
  const day = new Date(at.day);
  const year = day.getUTCFullYear();
  const isOther = year !== new Date(today(text)).getUTCFullYear();
  if (language() === "en") return `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}${isOther ? ` ${year}` : ""}`;
  return `${isOther ? `${year} 年 ` : ""}${day.getUTCMonth() + 1} 月 ${day.getUTCDate()} 日`;
}

/** This device's clock. @param {number} at ms */
export function clock(at) {
  const moment = new Date(at);
  return `${String(moment.getHours()).padStart(2, "0")}:${String(moment.getMinutes()).padStart(2, "0")}`;
}

/** `138 0000 5678`; others as they are. @param {string} phone */
export function phone(phone) {
  return /^\d{11}$/.test(phone) ? `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}` : phone;
}

/** `3 小时 12 分` since a moment, `4 分` below an hour, days beyond two. @param {number} ms */
export function span(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return t("span_days", { d: Math.floor(hours / 24), h: hours % 24 });
  if (hours > 0) return t("span_hours", { h: hours, m: minutes % 60 });
  return minutes > 0 ? t("span_minutes", { m: minutes }) : t("span_now");
}
