// The real kubectl 1.36 and ours (`drydock kubectl`) side by side: every line of
// parity/*.txt runs through both against one server with three virtual nodes; standard
// output, standard error and exit code must be equal once what varies is taken out.
//
// Each side has a namespace of its own ($NS) and a copy of parity/m as its folder, so
// that both can change things. "~ LINE" prepares and is not compared; a file whose first
// line is "# alone" concerns the whole cluster: there one side waits for the other.
// parity/differs.txt lists the lines that differ for a reason.
//
// DRYDOCK_PARITY=all runs every line and counts; without it a third of the files that only
// read, and neither what waits for workloads nor what concerns the whole cluster: the real
// kubectl takes a quarter of a second of a processor for each line, and what two clients
// see of a pod that is just starting differs by the moment. DRYDOCK_PARITY_LOG=file writes what differs;
// DRYDOCK_PARITY_ONLY=text picks files.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { clients, eventually, serve } from "./served.mjs";

// README.md states how many were equal when all ran; lines that hang on a moment may fall out.
const kEqual = 820;
const kStrays = 3; // lines of a file that may differ without a reason given, for the same cause
const whole = process.env.DRYDOCK_PARITY === "all";
const kLimit = 20000; // ms for a line
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "parity");
const only = process.env.DRYDOCK_PARITY_ONLY ?? "";
const chapters = readdirSync(folder)
  .filter((name) => /^\d.*\.txt$/.test(name) && name.includes(only) && (whole || !/^[56]/.test(name)))
  .sort();

const lines = (name) =>
  readFileSync(path.join(folder, name), "utf8").split("\n").filter((line) => line.trim() !== "");
const excused = new Map(
  lines("differs.txt").filter((line) => !line.startsWith("#")).map((line) => line.split("  # ").map((part) => part.trim())),
);

// --- what varies from run to run ---
const rules = [
  [/parity-(real|ours)-(\d+)/g, "parity-$2"],
  [/\/side-(real|ours)\//g, "/side/"],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "<time>"],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, "<time>"],
  [/\b\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "<time>"],
  [/^[EWI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \w+\.go:\d+\]/gm, "<log>"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>"],
  [/(resourceVersion"?: "?)\d+/g, "$1<version>"],
  [/\b(10|172|192)(\.\d{1,3}){3}\b/g, "<ip>"],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>"],
  [/\[::1\]:\d+/g, "[::1]:<port>"],
  [/(Handling connection for )\d+/g, "$1<port>"],
  [/(pod-template-hash["=:]+ ?"?)[a-z0-9]+/g, "$1<hash>"],
  [/(controller-revision-hash["=:]+ ?"?)(?:[a-z0-9-]+-)?[a-z0-9]{5,10}/g, "$1<hash>"],
  [/-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, "-<hash>"],
  [/-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, "-<hash>"],
  [/-(?=[bcdfghjklmnpqrstvwxz2456789]*[2456789])[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, "-<hash>"],
  [/-[bcdfghjklmnpqrstvwxz2456789]{5}(?=["\s]|$)/gm, "-<hash>"],
  [/(containerID"?: "?)[\w.:\/-]+/g, "$1<id>"],
  [/(Container ID: +)\S+/g, "$1<id>"],
  [/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-<hash>"],
  [/in [\d.]+m?s \([\d.]+m?s including waiting\)/g, "in <time>"],
  [/(LIVE|MERGED)-\d+/g, "$1-<n>"],
  [/kubectl-edit-\d+/g, "kubectl-edit-<n>"],
  [/\b3\d{4}(?=\/TCP)/g, "<nodeport>"],
  [/(nodePort"?: )3\d{4}/gi, "$1<nodeport>"],
  [/(NodePort: .*)3\d{4}/g, "$1<nodeport>"],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<token>"],
  // Ages, also in "(x3 over 5s)".
  [/(?<![\w.:\/-])(?:\d+[dhms]){1,2}(?![\w.:\/-])/g, "<age>"],
  [/<(invalid|unknown)>(?= *$)/gm, "<age>"],
  [/\(x\d+ over <age>\)/g, "(x<n> over <age>)"],
];
// Columns are as wide as what stands in them: only that there is a gap counts.
const plain = (text) =>
  rules
    .reduce((all, [pattern, by]) => all.replace(pattern, by), text)
    .split("\n")
    .map((line) => line.trimEnd().replace(/(?<=\S)(  +|\t+)/g, "  "))
    .join("\n");

// --- the two sides ---
let server;
const sides = {};

function makeSide(name, program) {
  const home = path.join(server.folder, `side-${name}`, "home");
  const bin = path.join(home, "bin");
  mkdirSync(bin, { recursive: true });
  if (program.length === 1) {
    symlinkSync(program[0], path.join(bin, "kubectl"));
  } else {
    writeFileSync(path.join(bin, "kubectl"), `#!/bin/sh\nexec ${program.join(" ")} "$@"\n`);
    chmodSync(path.join(bin, "kubectl"), 0o755);
  }
  const editor = path.join(bin, "edit");
  writeFileSync(editor, '#!/bin/sh\nfor last; do :; done\nexec sed -i "$EDIT" "$last"\n');
  chmodSync(editor, 0o755);
  const plugin = path.join(bin, "kubectl-hello");
  writeFileSync(plugin, '#!/bin/sh\necho "hello $*"\nexit 3\n');
  chmodSync(plugin, 0o755);
  sides[name] = { name, home };
}

function prepare(side, chapter) {
  const ns = `parity-${side.name}-${chapter}`;
  const cwd = path.join(side.home, `c${chapter}`);
  mkdirSync(cwd);
  cpSync(path.join(folder, "m"), path.join(cwd, "m"), { recursive: true });
  const config = readFileSync(server.kubeconfig, "utf8").replace(/^( +)(user: \S+)$/m, `$1$2\n$1namespace: ${ns}`);
  writeFileSync(path.join(cwd, "config"), config);
  side.cwd = cwd;
  side.env = {
    HOME: side.home,
    NS: ns,
    KUBECONFIG: path.join(cwd, "config"),
    PATH: `${path.join(side.home, "bin")}:/usr/bin:/bin`,
    TMPDIR: "/tmp",
    KUBE_EDITOR: "edit",
    LC_ALL: "C.UTF-8",
  };
}

function runLine(side, line) {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", line], { cwd: side.cwd, env: side.env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const result = { out: "", err: "", code: 0 };
    const timer = setTimeout(() => {
      result.err += `(still running after ${kLimit} ms)\n`;
      process.kill(-child.pid, "SIGKILL");
    }, kLimit);
    child.stdout.on("data", (bytes) => (result.out += bytes));
    child.stderr.on("data", (bytes) => (result.err += bytes));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      result.code = code ?? signal;
      resolve(result);
    });
  });
}

async function runChapter(side, chapter, all) {
  prepare(side, chapter);
  await runLine(side, "kubectl create namespace $NS");
  await eventually("the service account", async () => (await runLine(side, "kubectl get sa default")).code === 0);
  const results = [];
  for (const line of all) {
    const result = await runLine(side, line.replace(/^~ /, ""));
    if (line.startsWith("~ ") && result.code !== 0)
      console.error(`# ${side.name}: ${line}: ${result.code} ${result.err}${result.out}`);
    results.push(result);
  }
  // What is left goes while the next chapter runs.
  await runLine(side, "kubectl delete namespace $NS --wait=false");
  return results;
}

before(async () => {
  server = await serve(["--nodes", "3", "--store", "memory"]);
  makeSide("real", [path.join(clients, "kubectl-1.36")]);
  makeSide("ours", [process.env.DRYDOCK_BINARY, "kubectl"]);
  prepare(sides.real, 0);
  await eventually("three ready nodes", async () => {
    const { out } = await runLine(sides.real, "kubectl get nodes --no-headers");
    return out.split("\n").filter((line) => / Ready /.test(line)).length === 3;
  });
});
after(() => server.stop());

let equal = 0;
const log = [];
for (const [index, name] of chapters.entries()) {
  test(`kubectl 1.36 and ours: ${name}`, async () => {
    const text = lines(name);
    const alone = text[0] === "# alone";
    let all = text.filter((line) => !line.startsWith("#"));
    if (!whole && /^[123]/.test(name)) all = all.filter((line, i) => line.startsWith("~ ") || i % 3 === 0);
    const number = index + 1;
    let real;
    let ours;
    if (alone) {
      real = await runChapter(sides.real, number, all);
      ours = await runChapter(sides.ours, number, all);
    } else {
      [real, ours] = await Promise.all([runChapter(sides.real, number, all), runChapter(sides.ours, number, all)]);
    }
    const wrong = [];
    for (const [i, line] of all.entries()) {
      if (line.startsWith("~ ")) continue;
      const same = plain(real[i].out) === plain(ours[i].out) && plain(real[i].err) === plain(ours[i].err) && real[i].code === ours[i].code;
      equal += same;
      if (same) continue;
      const why = excused.get(line);
      if (!why) wrong.push(line);
      log.push(`#### ${line}${why ? ` (${why})` : ""}\n`);
      for (const [side, result] of [["real", real[i]], ["ours", ours[i]]])
        log.push(`--- ${side} (= ${result.code})\n${plain(result.out)}--- ${side}, standard error\n${plain(result.err)}`);
    }
    if (process.env.DRYDOCK_PARITY_LOG) writeFileSync(process.env.DRYDOCK_PARITY_LOG, log.join(""));
    assert.ok(wrong.length <= kStrays, wrong.join("\n"));
  });
}

test("kubectl 1.36 and ours: how many lines are equal", { skip: only !== "" || !whole }, () => {
  console.log(`# parity: ${equal} command lines are equal, ${excused.size} differ for a reason`);
  assert.ok(equal >= kEqual, `${equal} lines are equal; there were ${kEqual}`);
});
