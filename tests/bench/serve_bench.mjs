// How fast `drydock serve` answers over TLS with keep-alive, with a client that costs
// little itself. Takes the figures; bench.mjs prints them.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

// {readyMs, idleMegabytes, getMs, postMs, listMs} of a fresh server with that store.
export async function serveFigures(binary, store) {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-bench-"));
  const begun = performance.now();
  const child = spawn(binary, ["serve", "--data-dir", folder, "--listen", "127.0.0.1:0", "--nodes", "0", "--store", store]);
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
    const client = await connect(Number(text.match(/^serving \S+:(\d+)$/m)[1]), credentials);
    const pods = "/api/v1/namespaces/default/pods";
    while (!(await client.ask(get("/api/v1/namespaces/default/serviceaccounts/default"))).toString("latin1", 0, 20).includes(" 200 "))
      await new Promise((resolve) => setTimeout(resolve, 20));
    const idleMegabytes = Number(readFileSync(`/proc/${child.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;
    const postMs = await p50(1000, (i) => client.ask(post(pods, pod(`p-${i}`))));
    const getMs = await p50(2000, (i) => client.ask(get(`${pods}/p-${i % 1000}`)));
    const listMs = await p50(40, () => client.ask(get(pods)));
    client.close();
    return { readyMs, idleMegabytes, getMs, postMs, listMs };
  } finally {
    child.kill();
    await new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once("exit", resolve)));
    rmSync(folder, { recursive: true, force: true });
  }
}
