// Stock kubectl of two generations, and ours, against `drydock serve`.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually, kubectl, kubectl_program, serve } from "./served.mjs";

const manifest = (name) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: nginx, ports: [{containerPort: 80}]}]
`;

let server;
before(async () => {
  server = await serve(["--nodes", "1", "--store", "memory"]);
  const k = kubectl(server, "1.36");
  await eventually("a ready node", async () => / Ready /.test((await k("get nodes --no-headers")).out));
  await eventually("the default service account", async () => (await k("get sa default")).code === 0);
});
after(() => server.stop());

for (const version of ["1.36", "1.20", "ours"]) {
  const name = `web${version.replace(".", "")}`;
  const [program, ...words] = kubectl_program(version);
  let k;
  let pod;
  const file = path.join(mkdtempSync(path.join(tmpdir(), "drydock-manifest-")), "m.yaml");
  const ok = async (line, options) => {
    const result = await k(line, options);
    assert.equal(result.code, 0, `kubectl ${line}: ${result.err}${result.out}`);
    return result.out;
  };

  test(`kubectl ${version}: discovery, version, api-resources`, async () => {
    k = kubectl(server, version);
    assert.match(await ok("version"), /v1\.36\.3/);
    const resources = await ok("api-resources");
    assert.match(resources, /^deployments +deploy +apps\/v1 +true +Deployment$/m);
    assert.match(resources, /^pods +po +v1 +true +Pod$/m);
    assert.match(await ok("get --raw /readyz"), /^ok$/);
  });

  test(`kubectl ${version}: apply, get, describe, scale, edit by patch`, async () => {
    writeFileSync(file, manifest(name));
    assert.equal(await ok(`apply -f ${file}`), `deployment.apps/${name} created\n`);
    assert.match(await ok(`rollout status deploy/${name} --timeout=30s`), /successfully rolled out\n$/);
    assert.equal(await ok(`apply -f ${file}`), `deployment.apps/${name} unchanged\n`);
    assert.match(await ok(`get deploy ${name}`), new RegExp(`NAME +READY +UP-TO-DATE +AVAILABLE +AGE\n${name} +2/2 +2 +2 `));
    assert.match(await ok(`describe deploy ${name}`), /2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/);
    assert.equal(await ok(`label deploy ${name} tier=front`), `deployment.apps/${name} labeled\n`);
    assert.equal(await ok(["patch", "deploy", name, "-p", '{"spec":{"replicas":1}}']), `deployment.apps/${name} patched\n`);
    assert.match(await ok(`scale deploy/${name} --replicas=2`), /scaled\n$/);
    assert.match(await ok(`apply --server-side --force-conflicts -f ${file}`), /serverside-applied|server-side applied/);
    await ok(`rollout status deploy/${name} --timeout=30s`);
    pod = (await ok(`get pods -l app=${name} -o name`)).split("\n")[0];
    assert.match(await ok(`describe ${pod}`), /Status: +Running/);
    assert.match(await ok(`get ${pod} -o jsonpath={.status.phase}`), /^Running$/);
  });

  test(`kubectl ${version}: create, wait, delete`, async () => {
    assert.equal(await ok(`create configmap ${name} --from-literal=a=b`), `configmap/${name} created\n`);
    const again = await k(`create configmap ${name} --from-literal=a=b`);
    assert.match(again.err, /configmaps "web\w+" already exists/);
    assert.equal(await ok(`get configmap ${name} -o jsonpath={.data.a}`), "b");
    assert.match(await ok(`wait --for=condition=Available deploy/${name} --timeout=20s`), /condition met\n$/);
    assert.match(await ok(`delete configmap ${name}`), new RegExp(`configmap "${name}" deleted`));
    const gone = await k(`get configmap ${name}`);
    assert.match(gone.err, new RegExp(`Error from server \\(NotFound\\): configmaps "${name}" not found`));
  });

  test(`kubectl ${version}: exec with input, output and exit codes; cp`, async () => {
    assert.equal(await ok(`exec ${pod} -- hostname`), pod.slice(4) + "\n");
    assert.equal(await ok(`exec -i ${pod} -- cat`, { input: "typed here" }), "typed here");
    const big = "0123456789abcdef".repeat(20000);
    assert.equal((await ok(`exec -i ${pod} -- cat`, { input: big })).length, big.length);
    const fails = await k(["exec", pod, "--", "sh", "-c", "echo bad >&2; exit 3"]);
    assert.equal(fails.code, version === "1.20" ? 3 : 3);
    assert.match(fails.err, /^bad\n/);
    const nosuch = await k(`exec ${pod} -c nosuch -- ls`);
    assert.match(nosuch.err, /container nosuch is not valid for pod|container not found/);
  });

  test(`kubectl ${version}: logs, and followed ones`, async () => {
    assert.match(await ok(`logs ${pod}`), /ready for start up/);
    assert.equal((await ok(`logs ${pod} --tail=1`)).split("\n").length, 2);
    const follow = spawn(program, [...words, "logs", "-f", pod, "--kubeconfig", server.kubeconfig]);
    let text = "";
    follow.stdout.on("data", (bytes) => (text += bytes));
    await eventually("the log so far", () => /ready for start up/.test(text));
    await ok(["exec", pod, "--", "sh", "-c", "curl -s localhost/nosuch >/dev/null; true"]);
    await eventually("a new line", () => /GET \/nosuch/.test(text));
    follow.kill();
  });

  test(`kubectl ${version}: port-forward`, async () => {
    const forward = spawn(program, [...words, 
      "port-forward", pod, ":80", "--address=127.0.0.1", "--kubeconfig", server.kubeconfig,
    ]);
    let text = "";
    forward.stdout.on("data", (bytes) => (text += bytes));
    forward.stderr.on("data", (bytes) => (text += bytes));
    const port = await eventually("the port", () => text.match(/Forwarding from 127.0.0.1:(\d+) -> 80/)?.[1]);
    for (let i = 0; i < 3; ++i) assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /Welcome to nginx/);
    forward.kill();
  });

  test(`kubectl ${version}: watch sees what happens`, async () => {
    const watch = spawn(program, [...words, 
      "get", "configmaps", "-w", "--kubeconfig", server.kubeconfig,
    ]);
    let text = "";
    watch.stdout.on("data", (bytes) => (text += bytes));
    await eventually("the first rows", () => /kube-root-ca.crt/.test(text));
    await ok(`create configmap seen-${name} --from-literal=a=b`);
    await eventually("the new row", () => text.includes(`seen-${name}`));
    await ok(`delete configmap seen-${name}`);
    watch.kill();
  });

  test(`kubectl ${version}: explain, auth can-i`, async () => {
    const explained = await ok("explain deployment.spec.replicas");
    assert.match(explained, /replicas <integer>/);
    assert.match(explained, /Number of desired pods/);
    assert.match(await ok("explain pod.spec.containers"), /<\[\](Object|Container)>/);
    assert.equal(await ok("auth can-i create pods"), "yes\n");
    const no = await k("auth can-i create pods --as=nobody");
    assert.ok(no.code !== 0 || no.out === "yes\n");
    const wrong = await k(["create", "--dry-run=server", "-f", "-"], { input: manifest("bad").replace("replicas: 2", "replicass: 2") });
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.err, /replicass/);
  });

  test(`kubectl ${version}: drain and uncordon, delete`, async () => {
    const node = (await ok("get nodes -o jsonpath={.items[0].metadata.name}")).trim();
    assert.match(await ok(`cordon ${node}`), /cordoned/);
    assert.match(await ok(`get node ${node}`), /SchedulingDisabled/);
    assert.match(await ok(`uncordon ${node}`), /uncordoned/);
    assert.match(await ok(`delete deploy ${name}`), /deleted/);
    await eventually("no pods", async () => (await ok(`get pods -l app=${name} -o name`)) === "");
  });
}
