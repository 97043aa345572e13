/** @file Days to come, for promises, as people read them: by the company's clock. The picker's room has no need of them. */
import { DAY, date, today, wall, WEEKDAYS } from "./format.js";
import { language, t } from "./words.js";

/** `今天`, `明天`, `周日 12 月 6 日`. @param {string} text @param {boolean} [isInside] a sentence, where English is small */
function day(text, isInside) {
  const at = wall(text);
  if (!at) return text;
  const days = Math.round((at.day - today(text)) / DAY);
  if (days === 0 || days === 1) {
    const near = t(days ? "tomorrow" : "today");
    return isInside ? near.toLowerCase() : near;
  }
  return `${WEEKDAYS[language()][new Date(at.day).getUTCDay()]} ${date(text)}`;
}

/** `12:30`. @param {string} text */
function hour(text) {
  const at = wall(text);
  return at ? at.clock.replace(/^0/, "") : text;
}

/** `明天 9:00–12:00`, or both ends with their days. @param {string} from @param {string} to @param {boolean} [isInside] */
export function between(from, to, isInside) {
  const [first, last] = [day(from, isInside), day(to, true)];
  return first.toLowerCase() === last.toLowerCase() ? `${first} ${hour(from)}\u2060–\u2060${hour(to)}` : `${first} – ${last} ${hour(to)}`;
}

/** `周二 12 月 1 日 17:30`, inside a sentence. @param {string} text */
export const moment = (text) => (hour(text) === "23:59" ? day(text, true) : `${day(text, true)} ${hour(text)}`);
