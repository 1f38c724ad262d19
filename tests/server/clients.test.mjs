// Which command works with which client: each row of CLIENTS.md is done through kubectl
// 1.20, kubectl 1.36, ours and @kubernetes/client-node; the table must say what was seen.
// DRYDOCK_UPDATE=1 writes it anew.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { PassThrough, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { clients, eventually, kubectl, kubectl_program, run, serve } from "./served.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const table = path.join(here, "CLIENTS.md");
const versions = ["1.20", "1.36", "ours"];
const k8s = await import(createRequire(path.join(clients, "x.js")).resolve("@kubernetes/client-node"));
let server;
let js; // API clients of client-node
let work; // a folder with the manifests
const namespaces = ["c-120", "c-136", "c-ours", "c-js"];

before(async () => {
  server = await serve(["--nodes", "3", "--store", "memory"]);
  const config = new k8s.KubeConfig();
  config.loadFromFile(server.kubeconfig);
  js = {
    config,
    core: config.makeApiClient(k8s.CoreV1Api),
    apps: config.makeApiClient(k8s.AppsV1Api),
    auth: config.makeApiClient(k8s.AuthorizationV1Api),
    authn: config.makeApiClient(k8s.AuthenticationV1Api),
    scaling: config.makeApiClient(k8s.AutoscalingV2Api),
    certificates: config.makeApiClient(k8s.CertificatesV1Api),
    objects: k8s.KubernetesObjectApi.makeApiClient(config),
    version: config.makeApiClient(k8s.VersionApi),
    apis: config.makeApiClient(k8s.ApisApi),
  };
  work = path.join(server.folder, "work");
  mkdirSync(work);
  cpSync(path.join(here, "parity", "m"), path.join(work, "m"), { recursive: true });
  writeFileSync(path.join(work, "edit"), "#!/bin/sh\nexec sed -i s/blue/violet/ \"$1\"\n");
  chmodSync(path.join(work, "edit"), 0o755);
  const k = kubectl(server, "1.36");
  await eventually("three ready nodes", async () => (await k("get nodes --no-headers")).out.split(" Ready ").length === 4);
  for (const ns of namespaces) {
    await k(`create namespace ${ns}`);
    await eventually("the service account", async () => (await k(`get sa default -n ${ns}`)).code === 0);
    for (const file of ["pods.yaml", "web.yaml", "config.yaml"]) await k(`apply -n ${ns} -f ${path.join(work, "m", file)}`);
  }
  for (const ns of namespaces) {
    const ready = await k(`wait --for=condition=Ready pod --all -n ${ns} --timeout=60s`);
    assert.equal(ready.code, 0, ready.err + ready.out);
  }
});
after(() => server.stop());

const sink = () => {
  const into = new Writable({ write: (bytes, _, done) => ((into.text += bytes), done()) });
  into.text = "";
  return into;
};
const configmap = (name) => ({ metadata: { name }, data: { a: "b" } });
const merge = k8s.setHeaderOptions?.("Content-Type", "application/merge-patch+json");

// A child that serves until it is killed: gives the first match of `pattern` in its output.
async function serving(version, words, pattern, use) {
  const [program, ...first] = kubectl_program(version);
  const child = spawn(program, [...first, "--kubeconfig", server.kubeconfig, ...words]);
  let text = "";
  child.stdout.on("data", (bytes) => (text += bytes));
  child.stderr.on("data", (bytes) => (text += bytes));
  const found = await eventually(words.join(" "), () => text.match(pattern));
  const answer = await use(found[1]);
  child.kill();
  return answer;
}

// [command, what kubectl is told, what its output shows, client-node's way, oldest kubectl that has it]
// {n}: a name of the client's own.
const rows = [
  ["get", "get pods -o wide", /\bone +1\/1 +Running/, async (ns) => (await js.core.listNamespacedPod({ namespace: ns })).items.length >= 2],
  ["get -w", async (version, ns) => serving(version, ["get", "cm", "-w", "-n", ns], /(settings)/, () => true), null,
    async (ns) => {
      const seen = [];
      const request = await new k8s.Watch(js.config).watch(`/api/v1/namespaces/${ns}/configmaps`, {}, (type, object) => seen.push(`${type} ${object.metadata.name}`), () => {});
      await eventually("the event", () => seen.includes("ADDED settings"));
      request.abort();
      return true;
    }],
  ["describe", "describe pod one", /Node: +node1\//],
  ["create", "create configmap made --from-literal=a=b", /configmap\/made created/, async (ns) => (await js.core.createNamespacedConfigMap({ namespace: ns, body: configmap("made") })).data.a === "b"],
  ["create deployment", "create deployment d --image=nginx --replicas=0", /deployment.apps\/d created/,
    async (ns) => (await js.apps.createNamespacedDeployment({ namespace: ns, body: { metadata: { name: "d" }, spec: { replicas: 0, selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "nginx" }] } } } } })).spec.replicas === 0],
  ["create token", "create token default", /^eyJ/, async (ns) => (await js.core.createNamespacedServiceAccountToken({ namespace: ns, name: "default", body: { spec: { audiences: [] } } })).status.token.startsWith("eyJ"), "1.24"],
  ["apply", "apply -f m/config.yaml", /configmap\/settings unchanged|configured/],
  ["apply --server-side", "apply --server-side --force-conflicts -f m/config.yaml", /server-?side.applied/,
    async (ns) => (await js.objects.patch({ apiVersion: "v1", kind: "ConfigMap", ...configmap("applied"), metadata: { name: "applied", namespace: ns } }, undefined, undefined, "js", true, k8s.PatchStrategy.ServerSideApply)).data.a === "b"],
  ["diff", "diff -f m/config2.yaml", /\+ +color: red/],
  ["edit", "edit cm settings", /configmap\/settings edited/],
  ["replace", "replace -f m/config.yaml", /replaced/, async (ns) => (await js.core.replaceNamespacedConfigMap({ namespace: ns, name: "made", body: configmap("made") })).data.a === "b"],
  ["patch", ["patch", "cm", "settings", "-p", '{"data":{"x":"y"}}'], /patched/, async (ns) => (await js.core.patchNamespacedConfigMap({ namespace: ns, name: "made", body: { data: { x: "y" } } }, merge)).data.x === "y"],
  ["label", "label cm settings x=y", /labeled/],
  ["annotate", "annotate cm settings x=y", /annotated/],
  ["run", "run ran --image=nginx", /pod\/ran created/, async (ns) => (await js.core.createNamespacedPod({ namespace: ns, body: { metadata: { name: "ran" }, spec: { containers: [{ name: "c", image: "nginx" }] } } })).metadata.name === "ran"],
  ["expose", "expose deployment web --name=exposed --port=80", /service\/exposed exposed/],
  ["set image", "set image deployment/web nginx=nginx:1.27", /image updated/],
  ["rollout status", "rollout status deployment/web --timeout=60s", /successfully rolled out/],
  ["rollout history", "rollout history deployment/web", /REVISION/],
  ["rollout undo", "rollout undo deployment/web", /rolled back/],
  ["rollout restart", "rollout restart deployment/web", /restarted/],
  ["scale", "scale deployment/web --replicas=1", /scaled/, async (ns) => (await js.apps.replaceNamespacedDeploymentScale({ namespace: ns, name: "web", body: { metadata: { name: "web", namespace: ns }, spec: { replicas: 1 } } })).spec.replicas === 1],
  ["autoscale", "autoscale deployment web --max=3 --cpu-percent=80", /autoscaled/,
    async (ns) => (await js.scaling.createNamespacedHorizontalPodAutoscaler({ namespace: ns, body: { metadata: { name: "web" }, spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } } } })).spec.maxReplicas === 3],
  ["logs", "logs one", /ready for start up/, async (ns) => /ready for start up/.test(await js.core.readNamespacedPodLog({ namespace: ns, name: "one" }))],
  ["logs -f", async (version, ns) => serving(version, ["logs", "-f", "one", "-n", ns], /(ready for start up)/, () => true), null,
    async (ns) => {
      const log = sink();
      const following = await new k8s.Log(js.config).log(ns, "one", "c", log, { follow: true });
      await eventually("the log", () => /ready for start up/.test(log.text));
      following.abort();
      return true;
    }],
  ["exec", ["exec", "one", "--", "hostname"], /^one$/m,
    async (ns) => {
      const out = sink();
      const status = await new Promise((resolve, reject) => new k8s.Exec(js.config).exec(ns, "one", "c", ["hostname"], out, sink(), null, false, resolve).catch(reject));
      return status.status === "Success" && out.text === "one\n";
    }],
  ["attach", async (version, ns) => {
    const [program, ...first] = kubectl_program(version);
    const child = spawn(program, [...first, "--kubeconfig", server.kubeconfig, "attach", "two", "-c", "a", "-n", ns]);
    let text = "";
    child.stderr.on("data", (bytes) => (text += bytes));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const still = child.exitCode === null;
    child.kill();
    await ended;
    return still || text;
  }, null],
  ["cp", "cp m/config.yaml one:/tmp/copied", /^$/, async (ns) => {
    await new k8s.Cp(js.config).cpToPod(ns, "one", "c", path.join(work, "m/config.yaml"), "/tmp");
    return true;
  }],
  ["port-forward", async (version, ns) => serving(version, ["port-forward", "one", ":80", "-n", ns], /127.0.0.1:(\d+) -> 80/, async (port) => /Welcome to nginx/.test(await (await fetch(`http://127.0.0.1:${port}/`)).text())), null,
    async () => true /* client_node.test.mjs */],
  ["proxy", async (version) => serving(version, ["proxy", "--port=0"], /127.0.0.1:(\d+)/, async (port) => (await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()) === "ok"), null],
  ["debug", "debug one --image=busybox -c dbg -- true", /^/, undefined, "1.23"],
  ["explain", "explain deployment.spec.replicas", /Number of desired pods/],
  ["api-resources", "api-resources", /deployments +deploy +apps\/v1/, async () => (await js.apis.getAPIVersions()).groups.some((group) => group.name === "apps")],
  ["api-versions", "api-versions", /^apps\/v1$/m],
  ["auth can-i", "auth can-i create pods", /^yes$/m, async (ns) => (await js.auth.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: { namespace: ns, verb: "create", resource: "pods" } } } })).status.allowed],
  ["auth whoami", "auth whoami", /kubernetes-admin/, async () => (await js.authn.createSelfSubjectReview({ body: {} })).status.userInfo.username === "kubernetes-admin", "1.28"],
  ["auth reconcile", async (version, ns) => {
    // Debian's kubectl 1.36.4 panics in its own code unless it only tries.
    const dry = version === "1.36" ? " --dry-run=client" : "";
    const result = await kubectl(server, version)(`auth reconcile -n ${ns} -f ${path.join(work, "m/roles.yaml")}${dry}`);
    return (result.code === 0 && /reconciled/.test(result.out)) || result.err;
  }, null],
  ["certificate approve", async (version, ns) => {
    const key = path.join(work, `${ns}.key`);
    const request = path.join(work, `${ns}.csr`);
    await run("openssl", ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj", "/CN=jane", "-out", request]);
    const name = `csr-${ns}`;
    const body = { apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: { name }, spec: { request: readFileSync(request).toString("base64"), signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] } };
    await js.certificates.createCertificateSigningRequest({ body });
    const approved = await kubectl(server, version)(`certificate approve ${name}`);
    if (approved.code !== 0) return approved.err;
    await eventually("the certificate", async () => (await js.certificates.readCertificateSigningRequest({ name })).status?.certificate);
    return true;
  }, null],
  ["cluster-info", "cluster-info", /is running at/],
  ["top", "top nodes", /Metrics API not available/],
  ["cordon, uncordon", async (version) => {
    const k = kubectl(server, version);
    const results = [await k("cordon node3"), await k("uncordon node3")];
    return results.every((result) => result.code === 0) || results.map((result) => result.err).join("");
  }, null],
  ["drain", async (version) => {
    const k = kubectl(server, version);
    const result = await k("drain node3 --ignore-daemonsets --force --delete-emptydir-data --timeout=30s");
    await k("uncordon node3");
    return result.code === 0 || result.err;
  }, null],
  ["taint", async (version) => {
    const k = kubectl(server, version);
    const results = [await k("taint node node3 a=b:NoSchedule"), await k("taint node node3 a-")];
    return results.every((result) => result.code === 0) || results.map((result) => result.err).join("");
  }, null],
  ["wait", "wait --for=condition=Ready pod/one --timeout=20s", /condition met/],
  ["events", "events", /Pod\/one/, undefined, "1.26"],
  ["config", "config view", /current-context/, async () => js.config.getCurrentContext() !== ""],
  ["completion", "completion bash", /complete/],
  ["kustomize", "kustomize m/kustom", /name: k-front/, undefined, "1.21"],
  ["version", "version", /v1\.36\./, async () => (await js.version.getCode()).gitVersion.startsWith("v1.36.")],
  ["plugin list", "plugin list", /kubectl-/],
  ["options", "options", /--kubeconfig/],
  ["delete", "delete cm made", /configmap "made" deleted/, async (ns) => (await js.core.deleteNamespacedConfigMap({ namespace: ns, name: "made" })).status === "Success"],
];

const seen = rows.map(([command]) => [command]);
for (const [column, version] of versions.entries()) {
  test(`every command through kubectl ${version}`, async () => {
    const ns = namespaces[column];
    const k = kubectl(server, version);
    const failures = [];
    for (const [index, [command, told, shows, , since]] of rows.entries()) {
      if (since && version === "1.20") {
        seen[index].push("–");
        continue;
      }
      let result;
      if (typeof told === "function") {
        result = await told(version, ns);
      } else {
        const words = (Array.isArray(told) ? told : told.split(" ")).map((word) => (word.startsWith("m/") ? path.join(work, word) : word));
        const dash = words.indexOf("--");
        words.splice(dash < 0 ? words.length : dash, 0, "-n", ns);
        const bin = path.join(work, "bin");
        mkdirSync(bin, { recursive: true });
        writeFileSync(path.join(bin, "kubectl-x"), "#!/bin/sh\n");
        chmodSync(path.join(bin, "kubectl-x"), 0o755);
        const { out, err, code } = await k(words, { env: { KUBE_EDITOR: path.join(work, "edit"), PATH: `${bin}:${process.env.PATH}` }, timeout: 70000 });
        const wanted = command === "diff" || command === "top" ? 1 : 0;
        result = (code === wanted && shows.test(out + err)) || `${words.join(" ")}: ${code} ${err}${out}`;
      }
      seen[index].push(result === true ? "yes" : "no");
      if (result !== true) failures.push(`${command}: ${result}`);
    }
    assert.deepEqual(failures, []);
  });
}

test("what client-node does of it", async () => {
  const failures = [];
  for (const [index, [command, , , call]] of rows.entries()) {
    if (!call) {
      seen[index].push("–");
      continue;
    }
    let result;
    try {
      result = await call("c-js");
    } catch (error) {
      result = error.message;
    }
    seen[index].push(result === true ? "yes" : "no");
    if (result !== true) failures.push(`${command}: ${result}`);
  }
  assert.deepEqual(failures, []);
});

test("CLIENTS.md says so", () => {
  const text = `# Clients

What \`drydock serve\` was seen to do with each client: \`tests/server/clients.test.mjs\` runs every row and checks this table (\`DRYDOCK_UPDATE=1\` writes it). "–": the client has no such command (client-node: no call for it, or none that says more than others do).

| command | kubectl 1.20 | kubectl 1.36 | ours | client-node 1.4.0 |
|---|---|---|---|---|
${seen.map((row) => `| ${row.join(" | ")} |`).join("\n")}

\`auth reconcile\`: kubectl 1.36.4 panics in its own code unless it is told \`--dry-run\`. \`top\` finds no metrics API, as in any cluster without a metrics server. \`curl\` and the wire itself: \`tests/server/http.test.mjs\`; line by line against the real kubectl: \`tests/server/parity.test.mjs\`.
`;
  if (process.env.DRYDOCK_UPDATE) writeFileSync(table, text);
  assert.equal(readFileSync(table, "utf8"), text);
});
