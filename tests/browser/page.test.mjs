// The page in Chromium: typed into as a learner would, served under a sub-path.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { withPlayground } from "./playground.mjs";

const { DRYDOCK_ROOT: root, DRYDOCK_BINARY: binary, DRYDOCK_NODE: wasmProgram } = process.env;

test("a typed session, replayed natively and under Node, ends in the page's state", async () => {
  await withPlayground(
    async (playground) => {
      await playground.open();
      await playground.addNode();
      await playground.command({ type: "clock", mode: "max" });
      await playground.type("echo hello > /tmp/greeting && cat /tmp/greeting");
      assert.match(await playground.text(), /^hello$/m);
      await playground.type("kubeadm init --apiserver-advertise-address $(hostname -i)");
      assert.match(await playground.text(), /Your Kubernetes control-plane has initialized successfully!/);
      await playground.type("export KUBECONFIG=/etc/kubernetes/admin.conf");
      await playground.type("kubectl get nodes");
      assert.match(await playground.text(), /^node1 +NotReady +control-plane /m);
      await playground.page.screenshot({ path: path.join(root, "build/logs/page.png") });

      await playground.command({ type: "clock", mode: "pause" });
      const { hash } = await playground.command({ type: "stateHash" });
      const { recording } = await playground.command({ type: "recording" });
      assert.match(hash, /^[0-9a-f]{16,}$/);
      const folder = mkdtempSync(path.join(tmpdir(), "drydock-"));
      try {
        const file = path.join(folder, "recording.json");
        writeFileSync(file, recording);
        assert.equal(execFileSync(binary, ["replay", file], { encoding: "utf8" }).trim(), hash, "native");
        assert.equal(execFileSync("node", [wasmProgram, "replay", file], { encoding: "utf8" }).trim(), hash, "Node");
      } finally {
        rmSync(folder, { recursive: true });
      }
      assert.deepEqual(playground.errors, []);
    },
    { subPath: "/play/ground" },
  );
});

test("once loaded, the page works offline", async () => {
  await withPlayground(async (playground) => {
    await playground.open();
    await playground.page.evaluate(() => navigator.serviceWorker.ready);
    await playground.page.waitForFunction(async () => (await caches.keys()).length > 0);
    await playground.context.setOffline(true);
    await playground.page.reload();
    await playground.page.waitForSelector(".add-node:not([disabled])");
    await playground.addNode();
    await playground.openEditor("node1", "/etc/hostname");
    assert.match(await playground.page.locator(".cm-content").innerText(), /^node1/);
    assert.deepEqual(playground.errors, []);
  }, { subPath: "/play/ground" });
});
