// The main road, read by `drydock console` natively and in WASM: what the terminals
// show is what tests/road/road.console expects, and both end in the same state.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { checkShown, joinCommand, readRoad } from "../road/road.mjs";

const { DRYDOCK_ROOT: root, DRYDOCK_BINARY: binary, DRYDOCK_NODE: wasmProgram } = process.env;
const options = { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 };
const session = ["console", "--seed", "7", "--state-hash"];

test("the road, natively and in WASM", () => {
  const road = readRoad(readFileSync(path.join(root, "tests/road/road.console"), "utf8"));
  // The token is drawn from the seed: a first session tells it.
  const init = road.steps.slice(0, road.steps.findIndex(({ line }) => line?.includes("kubeadm init")) + 1);
  const join = joinCommand(execFileSync(binary, session, { ...options, input: init.map(({ line }) => `${line ?? ""}\n`).join("") }));
  const input = road.script(join);

  const native = execFileSync(binary, session, { ...options, input });
  checkShown(native, road.expectations);
  assert.match(native.trimEnd().split("\n").at(-1), /^[0-9a-f]{16}$/);
  assert.equal(execFileSync("node", [wasmProgram, ...session], { ...options, input }), native);
});

// The state hash does not look into a cluster's store: the documents are compared whole,
// after an API server has gone and come back, whose clients all return at once.
test("every object of a cluster is the same natively and in WASM", () => {
  const input = `node1$ kubeadm init --apiserver-advertise-address $(hostname -i) >/dev/null
node1$ export KUBECONFIG=/etc/kubernetes/admin.conf
node1$ kubectl apply -n kube-system -f "https://cloud.weave.works/k8s/net?k8s-version=1.36" >/dev/null
node1$ kubectl taint nodes --all node-role.kubernetes.io/control-plane-
node1$ kubectl create deployment web --image=nginx --replicas=2
node1$ sleep 60
node1$ mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/; sleep 40
node1$ mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/; sleep 60
node1$ kubectl get pods,nodes,deploy,rs,cm,leases,svc,ep,endpointslices,ds,sa,events,secrets -A -o yaml --show-managed-fields
node1$ kubectl get apiservices,clusterroles,ns -o yaml --show-managed-fields
`;
  const plain = [...session, "--plain"];
  const native = execFileSync(binary, plain, { ...options, input });
  assert.match(native, /^ +name: kube-apiserver-node1$/m);
  const wasm = execFileSync("node", [wasmProgram, ...plain], { ...options, input });
  const lines = native.split("\n");
  const different = wasm.split("\n").findIndex((line, i) => line !== lines[i]);
  assert.equal(different, -1, `line ${different}: ${lines[different]}`);
  assert.equal(wasm.length, native.length);
});
