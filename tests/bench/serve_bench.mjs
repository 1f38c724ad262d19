// How fast `drydock serve` answers over TLS with keep-alive, with a client that costs
// little itself. Takes the figures; bench.mjs prints them.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";

// One kept connection: send a request, wait for the whole answer.
async function connect(port, credentials) {
  const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ALPNProtocols: ["http/1.1"], ...credentials });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  socket.setNoDelay(true);
  let pieces = [];
  let have = 0;
  let wanted = -1;
  let waiting;
  socket.on("data", (piece) => {
    pieces.push(piece);
    have += piece.length;
    if (wanted < 0) {
      const head = pieces.length === 1 ? piece : Buffer.concat(pieces);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      wanted = end + 4 + Number(head.toString("latin1", 0, end).match(/content-length: (\d+)/i)?.[1] ?? 0);
    }
    if (have < wanted) return;
    const answer = Buffer.concat(pieces);
    pieces = [];
    have = 0;
    wanted = -1;
    waiting(answer);
  });
  return {
    ask: (text) =>
      new Promise((resolve) => {
        waiting = resolve;
        socket.write(text);
      }),
    close: () => socket.destroy(),
  };
}

const get = (url) => `GET ${url} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n`;
const post = (url, document) => {
  const body = JSON.stringify(document);
  return `POST ${url} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};
const pod = (name) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { app: "bench" } },
  spec: { containers: [{ name: "c", image: "nginx", resources: { requests: { cpu: "1m", memory: "1Mi" } } }] },
});

async function p50(count, work) {
  const times = [];
  for (let i = 0; i < count; ++i) {
    const start = performance.now();
    const answer = await work(i);
    times.push(performance.now() - start);
    const status = answer.toString("latin1", 9, 12);
    if (status !== "200" && status !== "201") throw new Error(answer.toString("utf8", 0, 400));
  }
  return times.sort((a, b) => a - b)[count >> 1];
}

const node = (name) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/hostname": name } },
  status: {
    capacity: { cpu: "16", memory: "64Gi", pods: "110" },
    allocatable: { cpu: "16", memory: "64Gi", pods: "110" },
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", lastHeartbeatTime: new Date().toISOString() }],
  },
});

// Seconds from the first of 1,000 pods that several clients create to the last one's
// binding, on 100 nodes that nobody runs.
async function boundSeconds(open, pods) {
  const clients = await Promise.all(Array.from({ length: 8 }, open));
  const share = (count, work) =>
    Promise.all(clients.map(async (client, lane) => {
      for (let i = lane; i < count; i += clients.length) {
        const answer = await client.ask(work(i));
        if (!/^HTTP\/1.1 20/.test(answer.toString("latin1", 0, 14))) throw new Error(answer.toString("utf8", 0, 400));
      }
    }));
  await share(100, (i) => post("/api/v1/nodes", node(`node-${i}`)));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const start = performance.now();
  await share(1000, (i) => post(pods, pod(`b-${i}`)));
  for (;;) {
    const answer = await clients[0].ask(get(`${pods}?fieldSelector=spec.nodeName%3D&limit=1`));
    if (answer.includes('"items":[]')) break;
    if (performance.now() - start > 60000) throw new Error("the pods are not bound");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seconds = (performance.now() - start) / 1000;
  clients.forEach((client) => client.close());
  return seconds;
}

// Milliseconds from a write to the moment at which the last of 1,000 watchers has heard
// of it; they are streams of HTTP/2 connections, 200 on each.
async function fanOutMs(port, credentials, client) {
  const heard = { count: 0, all: undefined };
  const sessions = [];
  const maps = "/api/v1/namespaces/default/configmaps";
  const map = (name) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
  const version = JSON.parse((await client.ask(get(maps))).toString("utf8").split("\r\n\r\n")[1]).metadata.resourceVersion;
  for (let i = 0; i < 5; ++i) {
    const session = http2.connect(`https://localhost:${port}`, { ...credentials, servername: "localhost" });
    sessions.push(session);
    await new Promise((resolve, reject) => session.once("connect", resolve).once("error", reject));
    await Promise.all(Array.from({ length: 200 }, () => new Promise((resolve) => {
      const stream = session.request({ ":path": `${maps}?watch=true&resourceVersion=${version}` });
      stream.once("response", resolve);
      stream.on("data", () => ++heard.count === 1000 && heard.all());
      stream.end();
    })));
  }
  const times = [];
  for (let i = 0; i < 15; ++i) {
    heard.count = 0;
    const all = new Promise((resolve) => (heard.all = resolve));
    const start = performance.now();
    await Promise.all([client.ask(post(maps, map(`heard-${i}`))), all]);
    times.push(performance.now() - start);
  }
  sessions.forEach((session) => session.destroy());
  return times.sort((a, b) => a - b)[times.length >> 1];
}

// {readyMs, idleMegabytes, getMs, postMs, listMs, fanOutMs, boundSeconds} of a fresh server
// with that store.
export async function serveFigures(binary, store, storeFlags = ["--store", store]) {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-bench-"));
  const begun = performance.now();
  const child = spawn(binary, ["serve", "--data-dir", folder, "--listen", "127.0.0.1:0", "--nodes", "0", "--page", "none", ...storeFlags]);
  try {
    let text = "";
    await new Promise((resolve, reject) => {
      child.stdout.on("data", (bytes) => /^ready/m.test((text += bytes)) && resolve());
      child.once("exit", () => reject(new Error("drydock serve ended: " + text)));
    });
    const readyMs = performance.now() - begun;
    const config = readFileSync(path.join(folder, "kubeconfig"), "utf8");
    const decode = (name) => Buffer.from(config.match(new RegExp(`${name}: (\\S+)`))[1], "base64");
    const credentials = { ca: decode("certificate-authority-data"), cert: decode("client-certificate-data"), key: decode("client-key-data") };
    const port = Number(text.match(/^serving \S+:(\d+)$/m)[1]);
    const client = await connect(port, credentials);
    const pods = "/api/v1/namespaces/default/pods";
    while (!(await client.ask(get("/api/v1/namespaces/default/serviceaccounts/default"))).toString("latin1", 0, 20).includes(" 200 "))
      await new Promise((resolve) => setTimeout(resolve, 20));
    const idleMegabytes = Number(readFileSync(`/proc/${child.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;
    const postMs = await p50(1000, (i) => client.ask(post(pods, pod(`p-${i}`))));
    const getMs = await p50(2000, (i) => client.ask(get(`${pods}/p-${i % 1000}`)));
    const listMs = await p50(40, () => client.ask(get(pods)));
    const fanOut = await fanOutMs(port, credentials, client);
    const bound = await boundSeconds(() => connect(port, credentials), "/api/v1/namespaces/kube-public/pods");
    client.close();
    return { readyMs, idleMegabytes, getMs, postMs, listMs, fanOutMs: fanOut, boundSeconds: bound };
  } finally {
    child.kill();
    await new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once("exit", resolve)));
    rmSync(folder, { recursive: true, force: true });
  }
}
