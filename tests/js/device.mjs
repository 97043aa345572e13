/**
 * Laws of the pure parts of pwa/src/device, over seeded random cases; prints one line a law, exits 1 with the first case
 * that breaks one. The oracle of the view is the fold itself over all ops, as the server will see them.
 */

import { MAX_BYTES, answeredUpTo, isCovered, nextBatch, pushBody, rangesOf, readAnswer } from "../../pwa/src/device/batches.js";
import { isLost, usedMark } from "../../pwa/src/device/canary.js";
import { better, isWrong, written } from "../../pwa/src/device/clock.js";
import { chipOf } from "../../pwa/src/device/counts.js";
import { makeLock } from "../../pwa/src/device/lock.js";
import { placesAfter, proves, remembering, taken } from "../../pwa/src/device/floor.js";
import { emptyMirror, purgeable } from "../../pwa/src/device/mirror.js";
import { backoff, about, rounds } from "../../pwa/src/device/rounds.js";
import { tallyOf, uncounted } from "../../pwa/src/device/tally.js";
import { fold } from "../../pwa/src/device/view.js";
import { isAt } from "../../pwa/src/sync/ops.js";
import { project } from "../../pwa/src/sync/project.js";
import { have, holes } from "../../pwa/src/sync/versions.js";
import { tasksHash } from "../../pwa/src/sync/wire.js";

let seed = 0;
/** @returns {number} 0 ≤ r < 1 */
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const oneOf = (all) => all[below(all.length)];
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function check(isTrue, what, ...facts) {
  if (isTrue) return;
  console.error(what + "\n" + facts.map((fact) => JSON.stringify(fact, null, 1)).join("\n"));
  process.exit(1);
}

function law(name, cases, work) {
  let told = 0;
  for (let i = 1; i <= cases; i += 1) {
    seed = i * 7919;
    told += work() === false ? 0 : 1;
  }
  check(told > 0, name + ": no case was any good");
  console.log(name + ": " + told);
}

const BINS = { "A-1": { warehouse: "SH", sku: "S1" }, "A-2": { warehouse: "SH", sku: "S2" } };

function op(device, n, line_no, kind, qty, more) {
  const at = "2026-01-22T10:00:00+08:00";
  const hlc = "001769047600000-0000-" + device;
  const body = { id: device + ":" + n, hlc, at, actor: "", order_no: "O", line_no, kind, qty, bin: "", code: "", target: "", v: 1 };
  return Object.assign(body, more);
}

function someOps(device, count) {
  const made = [];
  for (let n = 1; n <= count; n += 1) {
    const line_no = 1 + below(2);
    const own = made.filter((one) => one.line_no === line_no && one.kind !== "void");
    const what = below(10);
    if (what < 2 && own.length > 0) made.push(op(device, n, line_no, "void", 0, { target: oneOf(own).id }));
    else if (what < 4) made.push(op(device, n, line_no, "short", 1 + below(2)));
    else made.push(op(device, n, line_no, "pick", 1 + below(3), { bin: oneOf(["", "", "A-1", "A-2", "Z-9"]) }));
  }
  return made;
}

/** Everything that a case of the view needs: what the server has, what it has settled, what only the device knows. */
function someWorld() {
  const lines = [1, 2].map((line_no) => ({ line_no, sku: "S" + line_no, qty: 1 + below(6), warehouse: "SH" }));
  const facts = { order_no: "O", state: "picking", held: below(4) === 0, lines, consumed: {}, bins: BINS };
  const mine = someOps("AAAAAAAA", below(7)).map((one) => ({ op: one, isSeen: random() < 0.5, isRefused: false }));
  const server = someOps("BBBBBBBB", below(5)).concat(mine.filter((one) => one.isSeen).map((one) => one.op));
  const settlements = [];
  project(facts, server, []).conflicts.forEach((one, i) => {
    if (below(3) > 0) return;
    settlements.push({ id: "S" + i, seq: i + 1, conflict: one.id, choice: oneOf(["keep", "undo"]), by: "x", at: "", ops: one.ops });
  });
  return { facts, mine, server, settlements };
}

function told(world, wanted) {
  const now = project(world.facts, world.server, world.settlements);
  const count = (line) => now.lines.find((one) => one.line_no === line.line_no);
  const lines = world.facts.lines.map((line) => Object.assign({}, line, { picked: count(line).picked, short: count(line).short }));
  const conflicts = now.conflicts.map((one) => Object.assign({ order_no: "O" }, one));
  const goneWhy = world.facts.held ? "held" : "";
  return { now, given: { task: { order_no: "O", lines }, goneWhy, own: world.mine, wanted, conflicts, warehouse: "SH", bins: BINS } };
}

law("each op shows once, as the server will count it", 4000, () => {
  const world = someWorld();
  const unseen = world.mine.filter((one) => !one.isSeen).map((one) => one.op);
  const piles = world.settlements.filter((one) => one.conflict.endsWith("over_picked")).map((one) => Number(one.conflict.split("/")[1]));
  // A settled pile shrinks with a later void in a way that only who has all ops can know.
  if (unseen.some((one) => one.kind === "void" && piles.includes(one.line_no))) return false;
  const { given } = told(world, []);
  const found = fold(given);
  if (unseen.length === 0) return check(found === null, "nothing of ours, yet something shows", world, found);
  const all = project(world.facts, world.server.concat(unseen), world.settlements);
  all.lines.forEach(({ line_no, picked, short }) =>
    check(same(found.lines.get(line_no), { picked, short }), "a count differs", world, Array.from(found.lines), all.lines),
  );
  const ids = new Set(unseen.map((one) => one.id));
  const concerns = (conflicts) => conflicts.filter((one) => !one.settled && one.ops.some((id) => ids.has(id))).map((one) => one.id);
  check(same(concerns(found.conflicts).sort(), concerns(all.conflicts).sort()), "a conflict differs", world, found.conflicts, all.conflicts);
  const surplus = (conflicts) => conflicts.filter((one) => one.kind === "over_picked" && one.ops.some((id) => ids.has(id))).map((one) => one.surplus);
  check(same(surplus(found.conflicts), surplus(all.conflicts)), "a surplus differs", world, found.conflicts, all.conflicts);
  check(found.pending === unseen.length, "pending differs", world, found);
});

law("a queued answer shows once, before the picture has it and after", 3000, () => {
  const world = someWorld();
  const before = told(world, []);
  const voided = new Set(world.mine.filter((one) => !one.isSeen && one.op.kind === "void").map((one) => one.op.line_no));
  const open = before.now.conflicts.filter(
    (one) =>
      !one.settled &&
      (one.kind === "wrong_bin" ? one.ops.every((id) => id[0] === "A") : one.kind === "over_picked" && !voided.has(one.line_no)),
  );
  if (open.length === 0 || world.settlements.some((one) => one.conflict.endsWith("over_picked"))) return false;
  const { id, ops } = oneOf(open);
  const wanted = { m: 1, conflict: id, choice: oneOf(["keep", "undo"]), ops, actor: "me", at: 0 };
  const sent = { id: "S9", seq: 99, conflict: id, choice: wanted.choice, by: "me", at: "", ops };
  const unseen = world.mine.filter((one) => !one.isSeen).map((one) => one.op);
  const all = project(world.facts, world.server.concat(unseen), world.settlements.concat(sent));
  const later = Object.assign({}, world, { settlements: world.settlements.concat(sent) });
  [world, later].forEach((when) => {
    const { given } = told(when, [wanted]);
    const found = fold(given);
    all.lines.forEach(({ line_no, picked }) => {
      const shown = found === null ? given.task.lines.find((one) => one.line_no === line_no) : found.lines.get(line_no);
      check(shown.picked === picked, "an answer counts wrongly", when, wanted, all.lines, found && Array.from(found.lines));
    });
  });
});

law("refused ops count nowhere", 500, () => {
  const world = someWorld();
  world.mine.forEach((one) => Object.assign(one, { isRefused: true, isSeen: false }));
  world.server = world.server.filter((one) => one.id[0] === "B");
  check(fold(told(world, []).given) === null, "a refused op shows", world);
});

law("batches keep the order, the bounds and every op", 300, () => {
  const most = oneOf([3, 900]);
  const waiting = Array.from({ length: below(1200) }, (_, i) => ({ id: "D:" + i, n: i, text: JSON.stringify("件x".repeat(below(most))) }));
  let rest = waiting;
  const sent = [];
  while (rest.length > 0) {
    const batch = nextBatch(rest);
    check(batch.length > 0 && batch.length <= 500, "a batch of " + batch.length);
    const size = Buffer.byteLength(pushBody("DDDDDDDD", batch));
    check(batch.length === 1 || size <= MAX_BYTES, "a batch of bytes " + size);
    sent.push(...batch);
    rest = rest.slice(batch.length);
  }
  check(same(sent, waiting), "order or op lost");
});

law("one op alone may be larger than a batch", 1, () => {
  const huge = { id: "D:1", n: 1, text: "x".repeat(MAX_BYTES * 2) };
  check(nextBatch([huge, huge]).length === 1, "it is stuck");
});

law("only one result per op, in order, is an answer", 1, () => {
  const ops = ["D:1", "D:2"].map((id, i) => ({ id, n: i + 1, text: "" }));
  const result = (id) => ({ id, verdict: "applied", again: false });
  const whole = { epoch: "e", server_time: "", have: {}, holes: {}, results: [result("D:1"), result("D:2")] };
  check(readAnswer(whole, ops) === whole, "a good answer is refused");
  const broken = [
    { results: [result("D:1")] }, { results: [result("D:2"), result("D:1")] }, { results: null }, { epoch: 1 },
    { results: [result("D:1"), { id: "D:2", verdict: "perhaps" }] }, { results: [result("D:1"), null] },
  ]; // prettier-ignore
  broken.forEach((change) => check(readAnswer(Object.assign({}, whole, change), ops) === null, "taken for an answer", change));
});

law("what a push answer says has come, has come", 1500, () => {
  const numbers = Array.from({ length: 1 + below(30) }, () => 1 + below(40));
  const top = Math.max(...numbers);
  const ids = numbers.map((n) => "AAAAAAAA:" + n);
  const ranges = rangesOf(have(ids).AAAAAAAA, holes(ids).AAAAAAAA || [], top);
  for (let n = 1; n <= 45; n += 1) check(isCovered(ranges, n) === numbers.includes(n), "number " + n, numbers, ranges);
});

law("waiting grows to a minute and never falls below a second", 400, () => {
  const failures = 1 + below(60);
  const ms = backoff(failures, random());
  check(ms >= 1000 && ms <= 60000, "waits " + ms);
  check(failures < 8 || ms >= 30000, "too eager after " + failures, ms);
  check(backoff(1, 0.999) <= 1000, "too slow at first");
  const usual = about(15000, random());
  check(usual >= 12000 && usual <= 18000, "jitter " + usual);
});

law("the truest sample of the clock is kept, and a clock that was set is noticed", 500, () => {
  const off = below(2) ? below(1e7) : -below(1e7);
  let kept = null;
  let now = 1e12;
  for (let i = 0; i < 20; i += 1) {
    const there = below(4000);
    const back = below(4000);
    kept = better(kept, now, now + there + back, new Date(now + there + off).toISOString());
    now += there + back + 1000;
  }
  check(Math.abs(kept.off - off) <= kept.rtt / 2 + 1, "offset", off, kept);
  check(isWrong(kept) === Math.abs(kept.off) > 300000, "told wrongly", kept);
  const set = now + 20 * 60000;
  kept = better(kept, set, set + 5000, new Date(now + off).toISOString());
  check(Math.abs(kept.off - off + 20 * 60000) < 5001, "the jump was not noticed", kept);
  check(better(kept, 5, 1, "2026-01-22T10:00:00Z") === kept, "time ran back, yet it was believed");
  check(better(null, 1, 2, "tomorrow") === null, "no time, yet it was believed");
});

law("times are RFC 3339 with the device's own offset", 300, () => {
  const ms = below(2 ** 31) * 1000 + below(1000);
  const offset = oneOf([0, 480, 345, -210, 330, -720, 840]);
  const text = written(ms, offset);
  check(isAt(text) && Date.parse(text) === ms, "wrong: " + text);
});

law("deltas come to the same as a snapshot, and a lie is noticed", 600, () => {
  const task = (no, n) => ({ order_no: no, version: n, lines: [{ line_no: 1, picked: n }] });
  const truth = new Map();
  const answer = (tasks, gone) => ({
    tasks, gone, conflicts: [], bins: [], people: [], cursor: "c", epoch: "e", count: truth.size, hash: tasksHash(truth.values()),
    reach: {}, checked: [], server_time: "2026-01-22T10:00:00+08:00",
  }); // prettier-ignore
  ["O1", "O2", "O3"].forEach((no) => truth.set(no, task(no, 1)));
  let floor = taken(null, answer(Array.from(truth.values()), []), "SH", 0);
  for (let i = 2; i < 8; i += 1) {
    const no = "O" + (1 + below(5));
    if (below(3) === 0 && truth.has(no)) {
      truth.delete(no);
      floor = taken(floor, answer([], [{ order_no: no, why: "held", by: "", at: "2026-01-22T10:00:00+08:00", reason: "" }]), "SH", i);
      check(floor.gone.get(no).task.order_no === no, "a gone order's lines are forgotten");
    } else {
      truth.set(no, task(no, i));
      floor = taken(floor, answer([truth.get(no)], []), "SH", i);
      check(!floor.gone.has(no), "back, yet gone");
    }
    check(proves(floor, answer([], []), null), "the proof fails");
  }
  truth.set("O9", task("O9", 9));
  check(!proves(floor, answer([], []), floor), "a missing task is not noticed");
  truth.delete("O9");
  if (truth.size > 0) {
    const no = truth.keys().next().value;
    truth.set(no, task(no, 99));
    check(!proves(floor, answer([], []), floor), "a stale task is not noticed");
  }
});

law("a fresh snapshot keeps what own work still needs", 1, () => {
  const at = "2026-01-22T10:00:00+08:00";
  const answer = { tasks: [], gone: [], conflicts: [], bins: [], people: [], cursor: "c", epoch: "f", hash: "", count: 0 };
  const before = taken(null, Object.assign({}, answer, { tasks: [{ order_no: "O1", lines: [] }, { order_no: "O2", lines: [] }] }), "SH", 0);
  const fresh = remembering(taken(null, answer, "SH", 1), before, new Set(["O2"]), at);
  check(same(Array.from(fresh.gone.keys()), ["O2"]) && fresh.gone.get("O2").why === "left", "forgotten", Array.from(fresh.gone));
  const moved = remembering(taken(null, answer, "SZ", 1), before, new Set(["O2"]), at);
  check(moved.gone.size === 0, "another warehouse's orders are shown");
  const places = { bins: [{ bin: "A" }], people: [{ user: "u" }], lead: null, label: "" };
  check(placesAfter(places, Object.assign({}, answer, { people: places.people }), false) === places, "places change for nothing");
  const put = placesAfter(places, Object.assign({}, answer, { bins: [{ bin: "B" }] }), false);
  check(same(put.bins.map((one) => one.bin), ["A", "B"]), "a bin is lost", put);
});

law("a bin that was counted here is asked for no more, until the server says so after it heard of it", 600, () => {
  const mirror = emptyMirror();
  const floor = { began: 50, counts: ["A", "B", "C"].map((bin) => ({ bin })) };
  const kept = ["A", "B"].filter(() => random() < 0.7).map((bin, n) => ({ id: "AAAAAAAA:c" + (n + 1), n: n + 1, bin, at: below(100), device: "AAAAAAAA" }));
  const waits = [];
  const open = [];
  kept.forEach((one) => {
    mirror.counts.set(one.id, one);
    const heard = random() < 0.6 ? { id: one.id, verdict: "applied", at: below(100), is_lost: random() < 0.2 } : null;
    if (heard) mirror.heard.set(one.id, heard);
    if (!heard || heard.is_lost) waits.push(one.id);
    if (!heard || heard.is_lost || heard.at >= 50) open.push(one.bin);
  });
  const found = tallyOf(mirror, floor);
  check(same(found.asked.map((one) => one.bin), ["A", "B", "C"].filter((bin) => !open.includes(bin))), "asked", open, found.asked);
  check(found.done.length === kept.length, "a count is not shown", found.done);
  check(same(uncounted(mirror).map((one) => one.id).sort(), waits.sort()), "waits", waits);
  check(tallyOf(mirror, null).asked.length === 0, "asked of nobody");
});

law("nothing leaves before every earlier number is answered, nor what a screen needs", 800, () => {
  const mirror = emptyMirror();
  mirror.identities.set("AAAAAAAA", {});
  const needed = new Set();
  for (let n = 1; n <= 12; n += 1) {
    const id = "AAAAAAAA:" + n;
    mirror.ops.set(id, { id, n, device: "AAAAAAAA" });
    if (random() < 0.85) mirror.results.set(id, { id, at: below(100), is_lost: random() < 0.05 });
    if (random() < 0.1) needed.add(id);
  }
  const old = purgeable(mirror, 50, needed).map((kept) => kept.n);
  const isAnswered = (n) => { const found = mirror.results.get("AAAAAAAA:" + n); return found !== undefined && !found.is_lost; }; // prettier-ignore
  for (let n = 1; n <= 12; n += 1) {
    const isEarlier = Array.from({ length: n }, (_, i) => i + 1).every(isAnswered);
    const isOld = isEarlier && mirror.results.get("AAAAAAAA:" + n).at < 50 && !needed.has("AAAAAAAA:" + n);
    check(old.includes(n) === isOld, "number " + n, old, Array.from(mirror.results));
  }
  check(answeredUpTo([], () => false) > 1e9, "an empty queue holds something back");
});

law("a database and its marks must tell the same", 1, () => {
  const mark = (device, n) => ({ device, n });
  check(!isLost([null, null], "", 0), "a new browser has lost nothing");
  check(isLost([mark("A", 3), null], "", 0), "a lost database is not told");
  check(!isLost([mark("A", 3), null], "A", 5), "one mark is enough");
  check(isLost([mark("A", 9), null], "A", 5), "a database rolled back is not told");
  check(isLost([mark("B", 1), mark("A", 1)], "A", 5), "another device's database is not told");
  check(isLost([null, null], "A", 5), "lost marks are not told");
  check(usedMark([mark("A", 9), mark("B", 99), null], "A") === 9, "numbers would be used twice");
});

law("the chip follows the person's own work", 1, () => {
  const state = { is_up: true, is_stuck: false, signed_out: false, synced_at: 7 };
  const queue = { care: 0, unsent: 0 };
  const kind = (change, more, broken = false) => {
    const chip = chipOf(Object.assign({}, state, change), Object.assign({}, queue, more), broken);
    return chip.kind + " " + (chip.kind === "synced" ? chip.at : chip.n);
  };
  const expected = [
    [{}, {}, "synced 7"], [{}, { unsent: 3 }, "syncing 3"], [{ is_up: false }, {}, "offline 0"],
    [{ is_up: false }, { unsent: 3 }, "saved 3"], [{ signed_out: true }, { unsent: 3 }, "saved 3"],
    [{ is_stuck: true }, { unsent: 3 }, "saved 3"], [{ is_up: false }, { unsent: 3, care: 2 }, "care 2"],
  ]; // prettier-ignore
  expected.forEach(([change, more, said]) => check(kind(change, more) === said, "chip " + said, kind(change, more)));
  check(kind({}, { care: 1 }, true) === "broken 0", "a broken storage is not told");
});

/** Rounds with a timer of one's own: they re-arm after success, failure and a throw, and never run twice at once. */
async function roundsRearm() {
  const timers = [];
  const env = { later: (fn) => timers.push(fn), never: () => undefined, log: () => undefined };
  let running = 0;
  let count = 0;
  const made = rounds(env, async () => { running += 1; check(running === 1, "two rounds at once"); await null; count += 1; running -= 1; if (count % 2) throw new Error("x"); }, () => 1); // prettier-ignore
  for (let i = 0; i < 10; i += 1) {
    await Promise.all([made.kick(), made.kick()]);
    check(timers.length === i + 1, "the timer was not armed again", timers.length);
    timers[i]();
    await made.kick();
    timers.length = i + 1;
  }
  check(count >= 20, "rounds were skipped", count);
  made.stop();
  const before = count;
  await made.kick();
  check(count === before, "it goes on after the end");
  console.log("rounds re-arm whatever happens: " + count);
}
await roundsRearm();

/** A store of one object, as far as a lease needs it. */
function leaseStore() {
  const all = new Map();
  const meta = { get: async (name) => all.get(name), put: async (one) => all.set(one.name, one), delete: async (name) => all.delete(name) }; // prettier-ignore
  return { write: (_stores, work) => work({ objectStore: () => meta }) };
}

/** Two tabs: never both, and a tab that froze at work does not hold the other up for ever. */
async function locksGiveWay() {
  let now = 0;
  let told = 0;
  let held = null;
  const request = async (name, options, work) => {
    if (held !== null && !options.steal) return work(null);
    held = name;
    const done = await work({ name });
    held = null;
    return done;
  };
  for (const locks of [{ request }, null]) {
    const store = leaseStore();
    const tab = (owner) => makeLock({ name: "t", now: () => now, random: () => owner, locks }, store, "push");
    const [frozen, other] = [tab(0.1), tab(0.2)];
    void frozen.alone(() => new Promise(() => undefined));
    await new Promise((resolve) => setImmediate(resolve));
    const work = async () => { told += 1; }; // prettier-ignore
    check((await other.alone(work)) === false && told === 0, "both at once");
    now += 30000;
    check((await other.alone(work)) === false && told === 0, "taken too early");
    now += 31000;
    check((await other.alone(work)) === true && told === 1, "a frozen tab is waited for", locks);
    check((await other.alone(work)) === true && told === 2, "not free after use", locks);
    told = 0;
    held = null;
  }
  console.log("a frozen tab gives way: 2");
}
await locksGiveWay();
