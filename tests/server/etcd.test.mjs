// Several servers at once over one etcd of three members, everything over TLS.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import https from "node:https";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEtcd } from "./etcd_cluster.mjs";
import { eventually, run, serve } from "./served.mjs";

let etcd;
let keys;
let first;
let second;
const quick = ["--leader-elect-lease-duration", "3s", "--leader-elect-renew-deadline", "2s", "--leader-elect-retry-period", "500ms"];
const start = (folder) => serve([...etcd.flags, "--cert-dir", keys, ...quick], folder);

before(async () => {
  etcd = await startEtcd(3);
  keys = mkdtempSync(path.join(tmpdir(), "drydock-keys-"));
  first = await start();
  await eventually("a leader", async () => (await ask(first, "GET", lease("kube-controller-manager"))).document.spec?.holderIdentity);
  second = await start();
});
after(async () => {
  await Promise.all([first, second].map((server) => server?.stop()));
  await etcd?.stop();
  rmSync(keys, { recursive: true, force: true });
});

const agents = new Map();
function agentOf(server) {
  if (!agents.has(server.pid)) agents.set(server.pid, new https.Agent({ keepAlive: true, ca: server.ca, cert: server.cert, key: server.key }));
  return agents.get(server.pid);
}
function ask(server, method, url, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const request = https.request(server.url + url, { method, headers, agent: agentOf(server) }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => resolve({ status: response.statusCode, document: JSON.parse(Buffer.concat(pieces)) }));
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
// Names and types of what a watch hears, until `end()`.
async function watch(server, url) {
  const heard = [];
  const request = https.get(server.url + url, { agent: new https.Agent({ ca: server.ca, cert: server.cert, key: server.key }) });
  const response = await new Promise((resolve, reject) => request.once("response", resolve).once("error", reject));
  let text = "";
  response.on("data", (piece) => {
    const lines = (text + piece).split("\n");
    text = lines.pop();
    for (const line of lines.filter(Boolean)) {
      const event = JSON.parse(line);
      heard.push(`${event.type} ${event.object.metadata.name}`);
    }
  });
  response.on("error", () => {});
  request.on("error", () => {});
  return { heard, status: response.statusCode, end: () => request.destroy() };
}
const lease = (name) => `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${name}`;
const configMaps = "/api/v1/namespaces/default/configmaps";
const services = "/api/v1/namespaces/default/services";
const configMap = (name, data = {}) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
const service = (name, spec = {}) => ({ apiVersion: "v1", kind: "Service", metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
const written = new Set();
async function write(server, name) {
  const answer = await ask(server, "POST", configMaps, configMap(name));
  if (answer.status === 201) written.add(name);
  return answer;
}

test("what one server has written the other reads, lists and watches at once", async () => {
  const list = await ask(first, "GET", configMaps);
  const listening = await watch(second, `${configMaps}?watch=true&resourceVersion=${list.document.metadata.resourceVersion}`);
  const made = await write(first, "from-first");
  assert.equal(made.status, 201);
  const version = made.document.metadata.resourceVersion;
  assert.equal((await ask(second, "GET", `${configMaps}/from-first`)).document.metadata.resourceVersion, version);
  assert.ok((await ask(second, "GET", configMaps)).document.items.some((item) => item.metadata.name === "from-first"));
  // A revision that the first server has given is known to the second.
  const later = await watch(second, `${configMaps}?watch=true&resourceVersion=${version}`);
  assert.equal(later.status, 200);
  await write(second, "from-second");
  assert.equal((await ask(first, "GET", `${configMaps}/from-second`)).status, 200);
  await eventually("both are heard", () => listening.heard.length >= 2 && later.heard.length >= 1);
  assert.deepEqual(listening.heard.slice(0, 2), ["ADDED from-first", "ADDED from-second"]);
  assert.deepEqual(later.heard, ["ADDED from-second"]);
  // An update from an old version is refused by either.
  const changed = { ...made.document, data: { a: "1" } };
  assert.equal((await ask(second, "PUT", `${configMaps}/from-first`, changed)).status, 200);
  assert.equal((await ask(first, "PUT", `${configMaps}/from-first`, changed)).status, 409);
  listening.end();
  later.end();
});

test("a namespace made at one server can be used at the other in the same moment; certificates and tokens hold at both", async () => {
  for (let i = 0; i < 5; ++i) {
    assert.equal((await ask(first, "POST", "/api/v1/namespaces", { metadata: { name: `shared-${i}` } })).status, 201);
    assert.equal((await ask(second, "POST", `/api/v1/namespaces/shared-${i}/configmaps`, configMap("a"))).status, 201);
  }
  assert.equal(first.ca, second.ca);
  const token = await eventually("a token", async () => {
    const answer = await ask(first, "POST", "/api/v1/namespaces/shared-0/serviceaccounts/default/token", { spec: {} });
    return answer.status === 201 && answer.document.status.token;
  });
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  await eventually("the token at the second server", () => new Promise((resolve, reject) => {
    const request = https.request(`${second.url}/apis/authentication.k8s.io/v1/selfsubjectreviews`,
      { method: "POST", agent: new https.Agent({ ca: second.ca }), headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" } },
      (response) => { response.resume(); resolve(response.statusCode === 201); });
    request.on("error", reject);
    request.end(JSON.stringify(review));
  }));
});

test("addresses and ports of Services are given once, whichever server gives them", async () => {
  const made = await Promise.all(Array.from({ length: 40 }, (_, i) =>
    ask(i % 2 ? first : second, "POST", services, service(`s-${i}`, { type: "NodePort" }))));
  assert.deepEqual(made.map((answer) => answer.status), made.map(() => 201));
  assert.equal(new Set(made.map((answer) => answer.document.spec.clusterIP)).size, 40);
  assert.equal(new Set(made.map((answer) => answer.document.spec.ports[0].nodePort)).size, 40);
  // The same address and port asked for at both: one gets it, the other is told.
  const wanted = { clusterIP: "10.96.0.77", type: "NodePort", ports: [{ port: 80, nodePort: 30777 }] };
  const race = await Promise.all([first, second].map((server, i) => ask(server, "POST", services, service(`race-${i}`, wanted))));
  assert.deepEqual(race.map((answer) => answer.status).sort(), [201, 422]);
  const lost = race.find((answer) => answer.status === 422).document;
  assert.match(lost.message, /provided (IP|port) is already allocated/);
  const winner = race.find((answer) => answer.status === 201).document.metadata.name;
  assert.equal((await ask(first, "GET", "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.77")).document.spec.parentRef.name, winner);
  // Given back, it can be had again, at the other server too.
  assert.equal((await ask(first, "DELETE", `${services}/${winner}`)).status, 200);
  const again = await eventually("the address is free", async () => {
    const answer = await ask(second, "POST", services, service("again", wanted));
    return answer.status === 201 && answer.document;
  });
  assert.equal(again.spec.ports[0].nodePort, 30777);
});

test("a member of etcd is killed: both servers go on, a watch hears everything once", async () => {
  const list = await ask(second, "GET", configMaps);
  const listening = await watch(second, `${configMaps}?watch=true&resourceVersion=${list.document.metadata.resourceVersion}`);
  const names = [];
  const writing = (async () => {
    for (let i = 0; i < 60; ++i) {
      const name = `while-dying-${i}`;
      const answer = await write(i % 2 ? first : second, name);
      assert.equal(answer.status, 201, JSON.stringify(answer.document));
      names.push(name);
    }
  })();
  await eventually("some writes", () => names.length >= 10);
  await etcd.kill(etcd.members[0]);
  await writing;
  await eventually("all are heard", () => listening.heard.length >= names.length);
  assert.deepEqual(listening.heard, names.map((name) => `ADDED ${name}`));
  listening.end();
  etcd.start(etcd.members[0]);
});

test("the leader is killed: the other server's controllers take over", async () => {
  const holder = async () => (await ask(second, "GET", lease("kube-controller-manager"))).document.spec.holderIdentity;
  const before = await holder();
  await first.stop({ signal: "SIGKILL" });
  const deployment = {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" },
    spec: { replicas: 2, selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx" }] } } },
  };
  assert.equal((await ask(second, "POST", "/apis/apps/v1/namespaces/default/deployments", deployment)).status, 201);
  await eventually("its pods", async () => (await ask(second, "GET", "/api/v1/namespaces/default/pods?labelSelector=app%3Dweb")).document.items.length === 2);
  assert.notEqual(await holder(), before);
  first = undefined;
});

test("killed and started again: nothing that was acknowledged is missing", async () => {
  const folder = second.folder;
  await write(second, "the-last-one");
  await second.stop({ signal: "SIGKILL", keep: true });
  second = await start(folder);
  const there = new Set((await ask(second, "GET", configMaps)).document.items.map((item) => item.metadata.name));
  assert.deepEqual([...written].filter((name) => !there.has(name)), []);
  assert.ok(written.size > 60);
});

test("a server with other keys is refused; flags are checked", async () => {
  const binary = process.env.DRYDOCK_BINARY;
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-stranger-"));
  const common = ["serve", "--data-dir", folder, "--listen", "127.0.0.1:0"];
  const stranger = await run(binary, [...common, ...etcd.flags]);
  assert.equal(stranger.code, 1);
  assert.match(stranger.err, /the store belongs to a cluster with other keys/);
  const rows = [
    [["--store", "etcd"], /--etcd-endpoints must be specified/],
    [["--etcd-endpoints", "http://127.0.0.1:1"], /--etcd-endpoints is for --store etcd/],
    [["--store", "etcd", "--etcd-endpoints", "http://127.0.0.1:1", "--etcd-certfile", "a"], /must be specified together/],
    [["--store", "etcd", "--etcd-endpoints", "http://127.0.0.1:1", "--etcd-cafile", "/nowhere"], /open \/nowhere: No such file/i],
    [["--store", "etcd", "--etcd-endpoints", "http://127.0.0.1:1", "--leader-elect-lease-duration", "5s"], /leaseDuration must be greater than renewDeadline/],
    [["--leader-elect-retry-period", "soon"], /time: invalid duration "soon"/],
  ];
  for (const [flags, words] of rows) {
    const refused = await run(binary, [...common, ...flags]);
    assert.equal(refused.code, 1, flags.join(" "));
    assert.match(refused.err, words);
  }
  rmSync(folder, { recursive: true, force: true });
});
