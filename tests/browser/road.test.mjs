// The main road, typed into the page in Chromium. Its recording, replayed natively and
// under Node, ends in the page's state.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { joinCommand, readRoad } from "../road/road.mjs";
import { withPlayground } from "./playground.mjs";

const { DRYDOCK_ROOT: root, DRYDOCK_BINARY: binary, DRYDOCK_NODE: wasmProgram } = process.env;
const logs = path.join(root, "build/logs");
const limitMs = 120_000;

// Types the steps of a road at the terminals they name.
class Walker {
  join = "";
  #playground;
  #node = "";
  #read = new Map(); // node -> how much of its terminal's text has been matched

  constructor(playground) {
    this.#playground = playground;
  }

  async #front(node) {
    if (this.#node !== node) await this.#playground.page.click(`.tab button[role=tab]:text-is("${node}")`);
    this.#node = node;
  }

  async type(line) {
    const { page } = this.#playground;
    const [, node, command] = line.match(/^(node\d+)\$ (.*)$/) ?? [];
    if (node) {
      await this.#front(node);
      await this.#playground.prompt();
      this.#read.set(node, (await this.#playground.text()).length);
    }
    const text = command ?? line.replace(/^\w+\$ /, "");
    await page.keyboard.insertText(text.replace("{join}", this.join));
    await page.keyboard.press("Enter");
    this.following = /get pods -w|logs -f/.test(text);
  }

  async expect(expression) {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const text = await this.#playground.text();
      expression.lastIndex = this.#read.get(this.#node) ?? 0;
      const match = expression.exec(text);
      if (match) return void this.#read.set(this.#node, match.index + match[0].length);
      assert.ok(Date.now() < deadline, `${expression} did not appear:\n${text.slice(-1500)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async interrupt() {
    await this.#playground.page.keyboard.press("Control+c");
    this.following = false;
  }
}

// The here-document of the road.
function manifestOf(steps) {
  const lines = steps.map(({ line }) => line ?? "");
  const from = lines.findIndex((line) => line.includes("<<'Y'")) + 1;
  return lines.slice(from, lines.indexOf("Y", from)).join("\n") + "\n";
}

// The same manifest again, through the page's editor.
async function editManifest(playground, manifest) {
  const { page } = playground;
  await playground.prompt();
  await playground.openEditor("node1", "/root/edited.yaml");
  await page.keyboard.insertText(manifest);
  await playground.saveEditor();
  await page.screenshot({ path: path.join(logs, "road-editor.png") });
  await page.click("dialog [aria-label=Close]");
  await page.click(".terminal-area");
  await playground.type("diff edited.yaml twocontainers.yaml && echo the same");
  assert.match((await playground.text()).slice(-500), /^the same$/m);
}

test("the road, typed into the page, and replayed natively and under Node", async () => {
  const { steps } = readRoad(readFileSync(path.join(root, "tests/road/road.console"), "utf8"));
  await withPlayground(
    async (playground) => {
      await playground.open();
      await playground.addNode();
      await playground.addNode();
      const walker = new Walker(playground);
      for (const [index, { line, expect }] of steps.entries()) {
        if (expect) {
          await walker.expect(expect);
          if (walker.following && !steps[index + 1]?.expect) await walker.interrupt();
          continue;
        }
        if (line.includes("{join}")) {
          await playground.page.click('.tab button[role=tab]:text-is("node1")');
          walker.join = joinCommand(await playground.text());
          await playground.page.click('.tab button[role=tab]:text-is("node2")');
        }
        if (line.includes("kubectl create -f")) await editManifest(playground, manifestOf(steps));
        if (line.includes("rollout history")) await playground.page.screenshot({ path: path.join(logs, "road.png") });
        await walker.type(line);
      }
      await playground.prompt();
      await playground.page.screenshot({ path: path.join(logs, "road-end.png") });
      await playground.command({ type: "clock", mode: "pause" });
      const { hash } = await playground.command({ type: "stateHash" });
      const { recording } = await playground.command({ type: "recording" });
      assert.match(hash, /^[0-9a-f]{16}$/);
      const file = path.join(logs, "road.json");
      writeFileSync(file, recording);
      assert.equal(execFileSync(binary, ["replay", file], { encoding: "utf8" }).trim(), hash, "native");
      assert.equal(execFileSync("node", [wasmProgram, "replay", file], { encoding: "utf8" }).trim(), hash, "Node");
      assert.deepEqual(playground.errors, []);
    },
    { subPath: "/play/ground" },
  );
});
