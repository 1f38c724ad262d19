// The official JavaScript client against `drydock serve`.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import net from "node:net";
import { createRequire } from "node:module";
import path from "node:path";
import { PassThrough, Writable } from "node:stream";
import { clients, eventually, serve } from "./served.mjs";

const k8s = await import(createRequire(path.join(clients, "x.js")).resolve("@kubernetes/client-node"));
let server;
let config;
let core;
before(async () => {
  server = await serve(["--nodes", "1", "--store", "memory"]);
  config = new k8s.KubeConfig();
  config.loadFromFile(server.kubeconfig);
  core = config.makeApiClient(k8s.CoreV1Api);
  await eventually("a ready node", async () =>
    (await core.listNode()).items.some((node) => node.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True")),
  );
  await eventually("the default service account", async () =>
    (await core.listNamespacedServiceAccount({ namespace: "default" })).items.length > 0,
  );
});
after(() => server.stop());

const collect = () => {
  const sink = new Writable({ write: (bytes, _, done) => ((sink.text += bytes), done()) });
  sink.text = "";
  return sink;
};

test("client-node: typed calls, errors with the server's Status", async () => {
  const made = await core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { generateName: "js-" }, data: { a: "b" } } });
  assert.match(made.metadata.name, /^js-[a-z0-9]{5}$/);
  const read = await core.readNamespacedConfigMap({ namespace: "default", name: made.metadata.name });
  assert.equal(read.data.a, "b");
  read.data.c = "d";
  const changed = await core.replaceNamespacedConfigMap({ namespace: "default", name: read.metadata.name, body: read });
  assert.notEqual(changed.metadata.resourceVersion, made.metadata.resourceVersion);
  await assert.rejects(core.replaceNamespacedConfigMap({ namespace: "default", name: read.metadata.name, body: made }), (error) => error.code === 409);
  await core.deleteNamespacedConfigMap({ namespace: "default", name: read.metadata.name });
  await assert.rejects(core.readNamespacedConfigMap({ namespace: "default", name: read.metadata.name }), (error) => error.code === 404);
});

test("client-node: a watch tells what happens, from the version asked for", async () => {
  const before = await core.listNamespacedConfigMap({ namespace: "default" });
  const seen = [];
  let ended;
  const over = new Promise((resolve) => (ended = resolve));
  const request = await new k8s.Watch(config).watch(
    "/api/v1/namespaces/default/configmaps",
    { resourceVersion: before.metadata.resourceVersion, allowWatchBookmarks: true },
    (type, object) => seen.push(`${type} ${object.metadata.name}`),
    ended,
  );
  await core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { name: "watched" }, data: {} } });
  await core.deleteNamespacedConfigMap({ namespace: "default", name: "watched" });
  await eventually("both events", () => seen.includes("DELETED watched"));
  assert.deepEqual(seen.filter((event) => event.endsWith(" watched")), ["ADDED watched", "DELETED watched"]);
  request.abort();
  await over;
});

test("client-node: an informer sees what comes and goes", async () => {
  const seen = [];
  const informer = k8s.makeInformer(config, "/api/v1/namespaces/default/configmaps", () => core.listNamespacedConfigMap({ namespace: "default" }));
  for (const event of ["add", "update", "delete"]) informer.on(event, (object) => seen.push(`${event} ${object.metadata.name}`));
  await informer.start();
  await core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { name: "informed" }, data: {} } });
  await eventually("the addition", () => seen.includes("add informed"));
  await core.deleteNamespacedConfigMap({ namespace: "default", name: "informed" });
  await eventually("the deletion", () => seen.includes("delete informed"));
  await informer.stop();
});

test("client-node: exec, logs and port-forward of a pod", async () => {
  await core.createNamespacedPod({
    namespace: "default",
    body: { metadata: { name: "js" }, spec: { containers: [{ name: "c", image: "nginx" }], terminationGracePeriodSeconds: 1 } },
  });
  await eventually("a running pod", async () => (await core.readNamespacedPod({ namespace: "default", name: "js" })).status?.phase === "Running");

  const out = collect();
  const err = collect();
  const input = new PassThrough();
  const status = await new Promise((resolve, reject) => {
    new k8s.Exec(config).exec("default", "js", "c", ["sh", "-c", "read line; echo got $line; echo bad >&2; exit 4"], out, err, input, false, resolve).catch(reject);
    input.write("text\n");
  });
  assert.equal(out.text, "got text\n");
  assert.equal(err.text, "bad\n");
  assert.equal(status.status, "Failure");
  assert.equal(status.details.causes[0].message, "4");

  const log = collect();
  const following = await new k8s.Log(config).log("default", "js", "c", log, { follow: true });
  await eventually("the log", () => /ready for start up/.test(log.text));
  following.abort();

  const forward = new k8s.PortForward(config);
  const listener = net.createServer((socket) => forward.portForward("default", "js", [80], socket, null, socket));
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const page = await new Promise((resolve, reject) => {
    const socket = net.connect(listener.address().port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes;
      if (text.includes("</html>")) {
        resolve(text);
        socket.destroy();
      }
    });
    socket.on("error", reject);
  });
  assert.match(page, /Welcome to nginx/);
  listener.close();
});
