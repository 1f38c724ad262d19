// Stock kubectl 1.36 and who owns which fields: server-side apply, conflicts, force, the way
// from client-side apply.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually, kubectl, serve } from "./served.mjs";

const manifest = (replicas, labels = "app: web") => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {${labels}}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80}]}]}
`;

let server;
let k;
const folder = mkdtempSync(path.join(tmpdir(), "drydock-manifest-"));
const file = path.join(folder, "web.yaml");
before(async () => {
  server = await serve(["--nodes", "0", "--store", "memory"]);
  k = kubectl(server, "1.36");
  await eventually("the default service account", async () => (await k("get sa default")).code === 0);
});
after(() => server.stop());

const ok = async (line) => {
  const result = await k(line);
  assert.equal(result.code, 0, `kubectl ${line}: ${result.err}${result.out}`);
  return result.out;
};
const entries = async (object) => {
  const found = JSON.parse(await ok(`get ${object} -o json --show-managed-fields`)).metadata.managedFields;
  return found.filter((entry) => entry.manager !== "kube-controller-manager");
};
const owners = async (object) =>
  (await entries(object)).map((e) => [e.manager, e.operation, e.subresource].filter(Boolean).join(" ")).sort();

test("client-side apply is tracked and migrated", async () => {
  writeFileSync(file, manifest(1, "app: web, tier: front"));
  assert.equal(await ok(`apply -f ${file}`), "deployment.apps/web created\n");
  const [entry] = await entries("deploy/web");
  assert.equal(entry.manager, "kubectl-client-side-apply");
  assert.equal(entry.fieldsType, "FieldsV1");
  assert.deepEqual(entry.fieldsV1["f:metadata"]["f:labels"], { ".": {}, "f:app": {}, "f:tier": {} });
  assert.deepEqual(entry.fieldsV1["f:spec"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"c"}']["f:ports"], {
    ".": {},
    'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {}, "f:protocol": {} },
  });
  assert.doesNotMatch(await ok("get deploy/web -o yaml"), /managedFields/);
  writeFileSync(file, manifest(2));
  const applied = await k(`apply --server-side -f ${file}`);
  assert.equal(applied.out, "deployment.apps/web serverside-applied\n");
  assert.equal(applied.err, "");
  assert.deepEqual(await owners("deploy/web"), ["kubectl Apply", "kubectl-last-applied Apply"]);
  assert.equal(await ok("get deploy/web -o jsonpath={.metadata.labels}"), '{"app":"web"}');
  assert.match(await ok("apply view-last-applied deploy/web"), /replicas: 2/);
});

test("conflicts are told and forced", async () => {
  await ok("scale deploy/web --replicas=4");
  // Without --field-manager it writes as its file is called.
  const refused = await k(`apply --server-side -f ${file}`);
  assert.equal(refused.code, 1);
  assert.match(
    refused.err,
    /^error: Apply failed with 1 conflict: conflict with "kubectl-1\.36" with subresource "scale" using apps\/v1: \.spec\.replicas\nPlease review the fields above--they currently have other managers\./,
  );
  assert.equal((await k(`diff --server-side -f ${file}`)).code > 1, true);
  const differs = await k(`diff --server-side --force-conflicts -f ${file}`);
  assert.equal(differs.code, 1, differs.err);
  assert.match(differs.out, /-  replicas: 4\n\+  replicas: 2\n/);
  assert.equal(await ok(`apply --server-side --force-conflicts -f ${file}`), "deployment.apps/web serverside-applied\n");
  assert.deepEqual(await owners("deploy/web"), ["kubectl Apply", "kubectl-last-applied Apply"]);
});

test("two appliers share an object", async () => {
  const mine = path.join(folder, "mine.yaml");
  const theirs = path.join(folder, "theirs.yaml");
  const map = (data) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndata: ${JSON.stringify(data)}\n`;
  writeFileSync(mine, map({ a: "1", both: "x" }));
  writeFileSync(theirs, map({ b: "2", both: "x" }));
  await ok(`apply --server-side -f ${mine}`);
  await ok(`apply --server-side --field-manager=theirs -f ${theirs}`);
  writeFileSync(mine, map({ a: "1" }));
  await ok(`apply --server-side -f ${mine}`);
  assert.equal(await ok("get cm shared -o jsonpath={.data}"), '{"a":"1","b":"2","both":"x"}');
  writeFileSync(theirs, map({ b: "3" }));
  await ok(`apply --server-side --field-manager=theirs -f ${theirs}`);
  assert.equal(await ok("get cm shared -o jsonpath={.data}"), '{"a":"1","b":"3"}');
  assert.equal(await ok(`apply --server-side --dry-run=server -f ${mine}`), "configmap/shared serverside-applied (server dry run)\n");
  writeFileSync(mine, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndaat: {}\n");
  const wrong = await k(`apply --server-side --validate=false -f ${mine}`);
  assert.match(wrong.err, /failed to create typed patch object \(default\/shared; \/v1, Kind=ConfigMap\): \.daat: field not declared in schema/);
});
