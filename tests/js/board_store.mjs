// Reduces boards as the page does: JSON lines {answer, filter, limit, events: [[name, data, id]…]} in, what stands where out.
// Used by tests/unit/test_board_page_store.py.
import { readFileSync } from "node:fs";
import { COLUMNS, columns, opened, told } from "../../pwa/src/board/store.js";

for (const line of readFileSync(0, "utf-8").split("\n").filter(Boolean)) {
  const { answer, filter, limit, events } = JSON.parse(line);
  let board = opened(answer, filter, limit);
  for (const [name, data, id] of events) board = told(board, name, data, id);
  const sorted = columns(board);
  const found = {};
  for (const name of COLUMNS) found[name] = { rows: sorted[name].map((one) => one.row), isCut: board.floors[name] !== null };
  console.log(JSON.stringify({ columns: found, counts: board.counts, isStale: board.isStale, n: board.n }));
}
