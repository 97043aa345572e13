// Runs the JavaScript twin of sync/: JSON lines {"fn", "args"} in, canonical JSON lines out. Used by tests/unit/sync_kit.py.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { canonicalJson } from "../../pwa/src/sync/canon.js";
import { conflictId, splitConflictId } from "../../pwa/src/sync/facts.js";
import { hear, isAhead, stamp, tick } from "../../pwa/src/sync/hlc.js";
import { gather, merge } from "../../pwa/src/sync/merge.js";
import { canonical, readOp } from "../../pwa/src/sync/ops.js";
import { project } from "../../pwa/src/sync/project.js";
import { REASONS } from "../../pwa/src/sync/reasons.js";
import { sha256 } from "../../pwa/src/sync/sha256.js";
import { NOTHING, have, holes, missing, take } from "../../pwa/src/sync/versions.js";
import { belongs, tasksHash } from "../../pwa/src/sync/wire.js";

const clocks = { tick, hear };

const RUN = {
  read_op: (raw) => readOp(raw),
  canonical: (raw) => canonical(readOp(raw)),
  canonical_json: (value) => {
    try {
      return canonicalJson(value);
    } catch (error) {
      return { refused: error instanceof RangeError };
    }
  },
  versions: (ids, cap) => ({ have: have(ids), holes: holes(ids, cap) }),
  take: (batches, cap) => {
    const reach = batches.reduce(take, NOTHING);
    return { have: reach.have, islands: reach.islands, missing: missing(reach, cap) };
  },
  hlc: (clock, steps) =>
    steps.map(([fn, ...args]) => {
      clock = clocks[fn](clock, ...args);
      return stamp(clock);
    }),
  is_ahead: (remote, now) => isAhead(remote, now),
  merge: (groups) => groups.map(gather).reduce(merge, gather([])),
  project: (facts, ops, settlements) => project(facts, ops, settlements),
  split_conflict_id: (text) => splitConflictId(text),
  conflict_id: (parts) => conflictId(...parts),
  belongs: (id, device) => belongs(id, device),
  tasks_hash: (tasks) => tasksHash(tasks),
  reasons: () => REASONS,
  sha256: (count) => {
    const wrong = [];
    for (let size = 0; size < count; size += 1) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 167 + size * 31) % 256);
      if (sha256(bytes) !== createHash("sha256").update(bytes).digest("hex")) wrong.push(size);
    }
    return { tried: count, wrong };
  },
};

const answers = readFileSync(0, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => {
    const { fn, args } = JSON.parse(line);
    return canonicalJson(RUN[fn](...args));
  });
process.stdout.write(answers.map((answer) => answer + "\n").join(""));
