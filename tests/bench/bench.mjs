// ./drydock bench: speed and size of a finished build, printed as figures.
// Each figure that has a limit in the project's issues is printed with it. A
// figure that cannot be taken says why; the bench goes on with the next one.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { withPlayground } from "../browser/playground.mjs";
import { CoreSession } from "../node/core_session.mjs";
import { startEtcd } from "../server/etcd_cluster.mjs";
import { serveFigures } from "./serve_bench.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const binary = path.join(root, "build/native/drydock");
const page = path.join(root, "build/web");
const requireFromPage = createRequire(path.join(root, "web/package.json"));
const replicas = 1000;

function print(name, value, unit, limit) {
  const verdict = limit === undefined ? "" : `   limit ${limit} ${unit}${value <= limit ? "" : "   MISSED"}`;
  console.log(`${name.padEnd(58)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit}${verdict}`);
}

async function figures(title, take) {
  console.log(`\n${title}`);
  try {
    await take();
  } catch (error) {
    console.log(`  could not be taken: ${error.message.split("\n").slice(0, 6).join("\n    ")}`);
  }
}

const secondsOf = async (work) => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

// The middle one of three takes: a shared machine's speed changes from minute to minute.
// `take` returns figures by name.
async function medians(take) {
  const takes = [];
  for (let i = 0; i < 3; ++i) takes.push(await take());
  const middle = (name) => takes.map((each) => each[name]).sort((a, b) => a - b)[1];
  return Object.fromEntries(Object.keys(takes[0]).map((name) => [name, middle(name)]));
}

// Runs console lines in the native program; throws unless the last output matches.
function console_(lines, expected, world) {
  const result = spawnSync(binary, ["console", "--plain", ...(world ? ["--world", world] : [])], {
    cwd: root,
    input: lines.join("\n") + "\n",
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) throw new Error(result.stderr || `exit code ${result.status ?? result.signal}`);
  if (!expected.test(result.stdout)) throw new Error(`unexpected output:\n${result.stdout.slice(-600)}`);
}

const init = [
  "kubeadm init --apiserver-advertise-address $(hostname -i) > /root/init.log 2>&1",
  "mkdir -p $HOME/.kube && cp /etc/kubernetes/admin.conf $HOME/.kube/config",
  `kubectl apply -n kube-system -f "https://cloud.weave.works/k8s/net?k8s-version=$(kubectl version | base64 | tr -d '\\n')"`,
  // At first none is known to the API server, which wait calls an error.
  "until kubectl wait --for=condition=Ready pod --all -n kube-system --timeout=10m; do sleep 1; done",
];
const join =
  "kubeadm join 10.0.0.2:6443 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification > /root/join.log 2>&1";
const deploy = [
  `kubectl create deployment web --image=nginx --replicas=${replicas}`,
  "kubectl rollout status deployment/web --timeout=30m",
];
const rolledOut = /successfully rolled out/;

// A process of its own for each session of the WASM module: V8 keeps what it compiled.
if (process.argv[2] === "--wasm-session") {
  console.log(JSON.stringify(await wasmSession()));
  process.exit(0);
}

await figures("Size (brotli)", () => {
  const megabytes = (...names) =>
    names.reduce((sum, name) => sum + brotliCompressSync(readFileSync(path.join(page, name))).length, 0) / 1e6;
  print("core: WASM and glue", megabytes("drydock_core.wasm", "drydock_core.mjs"), "MB", 2.5);
  print("picture: WASM", megabytes("drydock_ui.wasm"), "MB", 0.6);
  print("page: scripts and styles", megabytes("early.js", "page.js", "worker.js", "page.css"), "MB");
});

await figures("Native", async () => {
  const empty = await secondsOf(() => console_(["node1$ true"], /^/));
  const inited = await secondsOf(() => console_(init.map((line) => `node1$ ${line}`), /condition met/));
  print("kubeadm init until every system pod is Running", inited - empty, "s", 0.5);
  const world = "scenarios/ten-nodes.yaml";
  const started = await secondsOf(() => console_(["node1$ true"], /^/, world));
  print("ten workers and a control plane, from nothing", started, "s");
  const deployed = await secondsOf(() => console_(deploy.map((line) => `node1$ ${line}`), rolledOut, world));
  print(`a Deployment of ${replicas} replicas on ten nodes`, deployed - started, "s", 1);
});

await figures("WASM (the page's module, under Node; median of three processes)", async () => {
  const taken = await medians(() =>
    JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), "--wasm-session"], { encoding: "utf8" })));
  print("kubeadm init until every system pod is Running", taken.init, "s", 0.5);
  print(`a Deployment of ${replicas} replicas on ten nodes`, taken.deploy, "s", 2);
  print(`WASM memory with ${replicas} pods`, taken.memory, "MB", 64);
});

async function wasmSession() {
  const session = await CoreSession.start(path.join(root, "build/wasm/web"), { seed: 1 });
  session.command({ type: "clock", mode: "max" });
  for (let node = 1; node <= 11; ++node) session.command({ type: "addNode" });
  const node1 = session.openTerminal("node1");
  const [kubeadm, ...rest] = init;
  const withToken = kubeadm.replace("init ", "init --token abcdef.0123456789abcdef ");
  const initSeconds = await secondsOf(() => {
    for (const line of [withToken, ...rest]) session.run(node1, line);
  });
  for (let node = 2; node <= 11; ++node) session.run(session.openTerminal(`node${node}`), join);
  session.run(node1, "kubectl wait --for=condition=Ready node --all --timeout=10m");
  const deploySeconds = await secondsOf(() => {
    for (const line of deploy) {
      const { code, shown } = session.run(node1, line, 300);
      if (code !== 0) throw new Error(shown);
    }
  });
  return { init: initSeconds, deploy: deploySeconds, memory: session.maxHeapBytes / 1e6 };
}

await figures("Page (Chromium; median of three browsers)", async () => {
  const { prompt } = await medians(() =>
    withPlayground(async (playground) => ({
      prompt: await secondsOf(async () => {
        await playground.open();
        await playground.addNode();
      }),
    })));
  print("from navigation to a usable prompt", prompt, "s", 2);
});

// What writing costs, and what it must cost at least: one fdatasync of the same disk.
await figures("Raw stores, each item as large as a pod; etcd: Debian's, one member, TLS, the same disk", async () => {
  const etcd = await startEtcd(1);
  try {
    const file = (name) => path.join(etcd.folder, name);
    const taken = JSON.parse(execFileSync(path.join(root, "build/native/tests/store_bench"),
      [etcd.folder, etcd.endpoints, file("ca.crt"), file("etcd.crt"), file("etcd.key")], { encoding: "utf8" }));
    print("one fdatasync of 8 KB, over blocks that are there", taken.syncMs, "ms");
    print("one fdatasync of 8 KB, the file growing (as etcd's and a new log)", taken.syncGrowingMs, "ms");
    for (const store of ["memory", "sqlite", "etcd"]) {
      print(`${store}: write p50`, taken[store].putMs, "ms");
      print(`${store}: read p50`, taken[store].getMs, "ms");
      print(`${store}: list of ${replicas} p50`, taken[store].listMs, "ms");
      print(`${store}: from a write to its watch p50`, taken[store].heardMs, "ms");
      print(`${store}: writes of 64 writers`, taken[store].putsPerSecond, "per s");
    }
  } finally {
    await etcd.stop();
  }
});

// In brackets: a real control plane 1.36 with etcd 3.5 on the same two cores.
for (const store of ["sqlite", "memory", "etcd"]) {
  await figures(`drydock serve, ${store}, TLS with keep-alive, no nodes`, async () => {
    const etcd = store === "etcd" ? await startEtcd(1) : undefined;
    try {
      const taken = await serveFigures(binary, store, etcd?.flags);
      print("start to ready (2400)", taken.readyMs, "ms", store === "etcd" ? undefined : 150);
      print("idle memory of the whole control plane (495)", taken.idleMegabytes, "MB", 40);
      print("GET pod p50 (1.12)", taken.getMs, "ms", store === "etcd" ? undefined : 0.1);
      print("POST pod p50 (3.9)", taken.postMs, "ms", store === "etcd" ? undefined : 0.4);
      print("LIST of 1000 pods p50 (26)", taken.listMs, "ms", 4);
      print("a write heard by the last of 1000 watchers, p50", taken.fanOutMs, "ms");
      print("1000 pods on 100 nodes created and bound (3.2)", taken.boundSeconds, "s", 0.3);
    } finally {
      await etcd?.stop();
    }
  });
}

await figures("Peer: @ngrok/webernetes (under Node)", () => {
  const modules = execFileSync(path.join(root, "cmake/setup/setup.sh"), ["bench"], { encoding: "utf8" }).trim();
  const bundle = path.join(root, "build/bench/peer.mjs");
  requireFromPage("esbuild").buildSync({
    entryPoints: [path.join(root, "tests/bench/peer.mjs")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    nodePaths: [modules],
    logLevel: "error",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  for (const [count, limit] of [[300, 60], [replicas, 100]]) {
    const peer = JSON.parse(execFileSync("node", [bundle, String(count), String(limit)], { encoding: "utf8" }));
    print(`a Deployment of ${count} replicas: ${peer.running} running after`, peer.seconds, "s");
    print("  its memory", peer.megabytes, "MB");
  }
});
