// The page of `drydock serve`: attached to that cluster, not to a world in the tab.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { eventually, run, serve } from "../server/served.mjs";
import { pageFolder, withPlayground } from "./playground.mjs";

const root = process.env.DRYDOCK_ROOT;

test("a page attached to a served cluster drives the cluster that clients see", async () => {
  const server = await serve(["--nodes", "1", "--store", "memory", "--page", "127.0.0.1:0", "--page-dir", pageFolder]);
  const api = (where) =>
    run("curl", ["-s", "--cacert", path.join(server.folder, "pki/ca.crt"), "--cert", writeKey("cert"), "--key", writeKey("key"), server.url + where]);
  try {
    const address = server.text().match(/^page (http:\S+)$/m)[1];
    await withPlayground(
      async (playground) => {
        await playground.open();
        const loaded = [];
        playground.page.on("request", (request) => loaded.push(request.url()));
        await playground.page.click('[aria-label="New terminal on node1"]');
        await playground.prompt();
        await eventually("node1 is ready", async () => {
          await playground.type("kubectl get nodes");
          return /^node1 +Ready /m.test(await playground.text());
        }, 60000);
        await playground.type("kubectl create deployment web --image=nginx --replicas=2");
        await playground.type("kubectl rollout status deployment web");
        assert.match(await playground.text(), /deployment "web" successfully rolled out/);
        const seen = JSON.parse((await api("/apis/apps/v1/namespaces/default/deployments/web")).out);
        assert.equal(seen.status.readyReplicas, 2);

        // A machine that the page adds joins by itself.
        await playground.addNode();
        await eventually("node2 is ready", async () => {
          await playground.type("clear; kubectl get node node2");
          return /^node2 +Ready /m.test(await playground.text());
        }, 60000);
        // What belongs to a world in the tab is not offered, nor downloaded.
        assert.equal(await playground.page.locator(".clock-buttons, .save-session, .new-session, .file-button").count(), 0);
        assert.match((await playground.command({ type: "recording" })).error, /not recorded/);
        assert.match((await playground.command({ type: "clock", mode: "max" })).error, /machine's/);
        assert.match((await playground.command({ type: "input", terminal: 99, data: "x" })).error, /no terminal 99/);
        assert.ok(!loaded.some((url) => /worker|drydock_core/.test(url)), loaded.join(" "));
        await playground.page.screenshot({ path: path.join(root, "build/logs/attached.png") });
        assert.deepEqual(playground.errors, []);

        // A second page has terminals of its own.
        const other = await playground.context.newPage();
        await other.goto(address);
        await other.waitForSelector(".node");
        const refusal = await other.evaluate(() => window.drydock.session.command({ type: "input", terminal: 1, data: "exit\n" }));
        assert.match(refusal.error, /no terminal 1/);
        // Without the token there is nothing.
        await other.goto("about:blank");
        await other.goto(address.replace(/attach=.*/, "attach=0123"));
        await other.waitForSelector(".failure");
        assert.match(await other.innerText(".failure"), /does not let this page attach/);

        await server.stop({ keep: true });
        await playground.page.waitForSelector(".failure");
        assert.match(await playground.page.innerText(".failure"), /connection to the cluster was lost/);
      },
      { address },
    );
  } finally {
    await server.stop();
  }

  function writeKey(name) {
    const file = path.join(server.folder, `client.${name}`);
    writeFileSync(file, server[name], { mode: 0o600 });
    return file;
  }
});
