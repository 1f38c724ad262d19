// The same session gives the same history, bit for bit, natively and in WASM.
// Each tests/road/*.console is read by `drydock console` in both.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const { DRYDOCK_ROOT: root, DRYDOCK_BINARY: binary, DRYDOCK_NODE: wasmProgram } = process.env;
const folder = path.join(root, "tests/road");
const scripts = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".console")).sort() : [];

for (const name of scripts) {
  test(`${name} ends in the same state natively and in WASM`, () => {
    const input = readFileSync(path.join(folder, name));
    const options = { input, cwd: root, encoding: "utf8", maxBuffer: 1 << 28 };
    const session = ["console", "--seed", "7", "--state-hash"];
    const native = execFileSync(binary, session, options);
    const node = execFileSync("node", [wasmProgram, ...session], options);
    assert.equal(node, native);
    assert.match(native.trimEnd().split("\n").at(-1), /^[0-9a-f]{16,}$/);
  });
}
