// Calls pure functions of the picker's room: JSON [[name, arguments], …] on stdin, their answers on stdout.
import { readFileSync } from "node:fs";
import * as read from "../../pwa/src/pick/read.js";
import * as walk from "../../pwa/src/pick/walk.js";

const known = { ...read, ...walk };
const asked = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(asked.map(([name, given]) => known[name](...given))));
