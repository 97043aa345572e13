/** @file The board as a pure value: a snapshot, and what each event makes of it. It comes to the same columns in the
 * same order as a snapshot read later. A column that was cut is a beginning of the whole one, never a guess. */

/**
 * @typedef {{order_no: string, customer: {id: string, name: string, tier: string}, place: string, warehouse: string,
 *   state: string, colour: {code: string, shape: string, why: string, since: string}, cause: string,
 *   waiting_since: string, tags: string[], priority: string, owner: {user: string, name: string}|null, qty: number,
 *   lines: {closed: number, of: number}, updated_at: string, amount_fen?: number}} Row
 * @typedef {{warehouse: string, tag: string, priority: string}} Filter empty: all
 * @typedef {{pos: number, until: number, epoch: string}} Cursor
 * @typedef {{row: Row, at: Cursor, n: number}} Known `n`: the change that brought it here; 0: the snapshot
 * @typedef {{day: string, filter: Filter, limit: number, cursor: Cursor, rows: Object<string, Known>,
 *   gone: Object<string, Cursor>, floors: Object<string, any[]|null>, counts: any, n: number, base: number, isStale: boolean}} Board
 */

/** The columns, in the order of their urgency. */
export const COLUMNS = ["red", "green", "yellow", "hollow", "solid"];

/** Beyond so many changes the board is read anew, so that what has left it need not be remembered for ever. */
const MOST = 5000;

/** Nothing is older. @type {Cursor} */
export const NOWHERE = { pos: -1, until: -1, epoch: "" };

/** @param {string} text @returns {Cursor} */
export function readCursor(text) {
  const parts = /^(\d+)\.(\d+)\.(.+)$/.exec(text || "");
  return parts ? { pos: Number(parts[1]), until: Number(parts[2]), epoch: parts[3] } : NOWHERE;
}

/** Whether one says something that who stands at the other does not know. @param {Cursor} one @param {Cursor} other */
export function isNewer(one, other) {
  return one.pos > other.pos || one.until > other.until;
}

/** The column of a row; "" if it is not on the board of that day. @param {Row} row @param {string} day */
export function columnOf(row, day) {
  const code = row.colour.code;
  if (code === "grey") return "";
  if (code !== "blue") return code;
  if (row.colour.shape === "hollow") return "hollow";
  return row.waiting_since.slice(0, 10) >= day ? "solid" : "";
}

/** @param {Row} row @param {Filter} filter */
function belongs(row, filter) {
  return (
    (!filter.warehouse || row.warehouse === filter.warehouse) &&
    (!filter.tag || row.tags.indexOf(filter.tag) >= 0) &&
    (!filter.priority || row.priority === filter.priority)
  );
}

/** What a row is sorted by within its column. @param {Row} row @param {string} column @returns {any[]} */
function keyOf(row, column) {
  const since = Date.parse(row.waiting_since);
  if (column === "red") return [since, row.order_no];
  if (column === "solid") return [-since, row.order_no];
  return [row.priority === "urgent" ? 0 : 1, since, row.order_no];
}

/** @param {any[]} one @param {any[]} other @param {boolean} isBackwards of equals, the greater number first */
function compare(one, other, isBackwards) {
  const last = one.length - 1;
  for (let n = 0; n < last; n++) if (one[n] !== other[n]) return one[n] - other[n];
  const order = one[last] < other[last] ? -1 : one[last] > other[last] ? 1 : 0;
  return isBackwards ? -order : order;
}

/** @param {any} answer of `GET /api/board` @param {Filter} filter @param {number} limit rows a column @returns {Board} */
export function opened(answer, filter, limit) {
  const cursor = readCursor(answer.cursor);
  const { blue, ...others } = answer.columns;
  /** @type {Object<string, any>} */
  const given = { ...others, hollow: blue.hollow, solid: blue.solid };
  /** @type {Object<string, Known>} */
  const rows = {};
  /** @type {Object<string, any[]|null>} */
  const floors = {};
  for (const column of COLUMNS) {
    const { items, count } = given[column];
    for (const row of items) rows[row.order_no] = { row, at: cursor, n: 0 };
    floors[column] = count > items.length ? (items.length ? keyOf(items[items.length - 1], column) : []) : null;
  }
  return { day: answer.day, filter, limit, cursor, rows, gone: {}, floors, counts: answer.counts, n: 0, base: 0, isStale: false };
}

/** The rows of each column in their order. @param {Board} board @returns {Object<string, Known[]>} */
export function columns(board) {
  /** @type {Object<string, {known: Known, key: any[]}[]>} */
  const found = { red: [], green: [], yellow: [], hollow: [], solid: [] };
  for (const number of Object.keys(board.rows)) {
    const known = board.rows[number];
    const column = columnOf(known.row, board.day);
    if (column) found[column].push({ known, key: keyOf(known.row, column) });
  }
  /** @type {Object<string, Known[]>} */
  const sorted = {};
  for (const column of COLUMNS) {
    found[column].sort((one, other) => compare(one.key, other.key, column === "solid"));
    sorted[column] = found[column].slice(0, board.limit).map((one) => one.known);
  }
  return sorted;
}

/**
 * What an event makes of the board; the same board if it says nothing new. A board that is `isStale` has to be read
 * anew before it is whole again: too much was missed, or a column that was cut has room for rows never seen.
 * @param {Board} board @param {string} name @param {any} data @param {string} id the event's, or the last before it
 * @returns {Board}
 */
export function told(board, name, data, id) {
  if (name === "reset") return { ...board, isStale: true };
  if (name === "counts") return counted(board, data);
  if (name !== "order") return board;
  const at = readCursor(id);
  if (at.epoch !== board.cursor.epoch) return { ...board, isStale: true };
  const known = board.rows[data.order_no];
  const since = known ? known.at : board.gone[data.order_no] || board.cursor;
  if (!isNewer(at, since)) return board;
  return placed(board, data, at, known);
}

/** @param {Board} board @param {Row} row @param {Cursor} at @param {Known|undefined} known @returns {Board} */
function placed(board, row, at, known) {
  const number = row.order_no;
  const column = belongs(row, board.filter) ? columnOf(row, board.day) : "";
  const floor = column ? board.floors[column] : null;
  const isIn = column !== "" && (!floor || (floor.length > 0 && compare(keyOf(row, column), floor, column === "solid") <= 0));
  const before = known ? columnOf(known.row, board.day) : "";
  const n = board.n + 1;
  const rows = { ...board.rows };
  const gone = { ...board.gone };
  if (isIn) {
    rows[number] = { row, at, n: known && before === column ? known.n : n };
    delete gone[number];
  } else {
    delete rows[number];
    gone[number] = at;
  }
  const needsMore = before !== "" && board.floors[before] !== null && (!isIn || column !== before);
  // By warehouse the server counts; by tag and urgency nobody tells, so the figures have to be read.
  const isUncounted = (board.filter.tag !== "" || board.filter.priority !== "") && (isIn || known !== undefined);
  return { ...board, rows, gone, n, isStale: board.isStale || needsMore || isUncounted || n - board.base > MOST };
}

/** A board read anew in place of another: what has moved from column to column meanwhile counts as changed.
 * @param {Board} old @param {Board} fresh @returns {Board} */
export function renewed(old, fresh) {
  const n = old.n + 1;
  for (const number of Object.keys(fresh.rows)) {
    const known = fresh.rows[number];
    const was = old.rows[number];
    if (was) known.n = columnOf(was.row, old.day) === columnOf(known.row, fresh.day) ? was.n : n;
  }
  return { ...fresh, n, base: n };
}

/** @param {Board} board @param {any} counts of all warehouses @returns {Board} */
function counted(board, counts) {
  if (board.filter.tag || board.filter.priority) return board;
  return { ...board, counts: countsFor(counts, board.filter.warehouse) };
}

const NONE = { red: 0, green: 0, yellow: 0, hollow: 0, solid: 0, unpaid: 0, urgent: 0, oldest: {} };

/** The figures of one warehouse out of those of all. @param {any} counts @param {string} warehouse "": all */
export function countsFor(counts, warehouse) {
  if (!warehouse) return counts;
  const own = counts.by_warehouse[warehouse] || NONE;
  return { ...counts, ...own, blue: own.hollow + own.solid };
}
