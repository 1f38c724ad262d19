// The main road, read by `drydock console` natively and in WASM: what the terminals
// show is what tests/road/road.console expects, and both end in the same state.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { checkShown, joinCommand, readRoad } from "../road/road.mjs";

const { DRYDOCK_ROOT: root, DRYDOCK_BINARY: binary, DRYDOCK_NODE: wasmProgram } = process.env;
const options = { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 };
const session = ["console", "--seed", "7", "--state-hash"];

test("the road, natively and in WASM", () => {
  const road = readRoad(readFileSync(path.join(root, "tests/road/road.console"), "utf8"));
  // The token is drawn from the seed: a first session tells it.
  const init = road.steps.slice(0, road.steps.findIndex(({ line }) => line?.includes("kubeadm init")) + 1);
  const join = joinCommand(execFileSync(binary, session, { ...options, input: init.map(({ line }) => `${line ?? ""}\n`).join("") }));
  const input = road.script(join);

  const native = execFileSync(binary, session, { ...options, input });
  checkShown(native, road.expectations);
  assert.match(native.trimEnd().split("\n").at(-1), /^[0-9a-f]{16}$/);
  assert.equal(execFileSync("node", [wasmProgram, ...session], { ...options, input }), native);
});
