// The recorded session of ../shared/reference/transcripts, run in order from an empty
// cluster with three virtual nodes, through the real kubectl 1.36. Its nodes were called
// hollow-1 to hollow-3, ours node1 to node3. Without the recording there is nothing to
// compare with. (Through our kubectl: tests/parity.)
//
// DRYDOCK_TRANSCRIPT_LOG=file writes what differs.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, kubectl_program, run, serve } from "./served.mjs";

const root = process.env.DRYDOCK_ROOT ?? path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const reference = path.join(root, "../shared/reference/transcripts");
const recording = path.join(reference, "kubectl-1.36.txt");
const there = existsSync(recording);

// Equal commands must not get much fewer. What differs is the
// recording's own surroundings: its distribution's extra roles and ConfigMaps, nodes of
// which one was ready and none ran anything, and times that a machine needed.
const kEqualAtLeast = 115; // of 159; 125 on a busy machine, 129 on a quiet one

const phrases = ["app in (a,twocontainers),!zz", "note=hello world", "--schedule=*/1 * * * *"];
function entriesOf(text) {
  const entries = [];
  for (const line of text.split("\n")) {
    const entry = entries.at(-1);
    if (line.startsWith("### ")) {
      entries.push({ number: Number(line.slice(4)), line: "", recorded: true, done: false, out: "", err: "", code: 0 });
    } else if (!entry) {
      continue;
    } else if (line.startsWith("$ ") && !entry.line) {
      entry.line = line.slice(2);
    } else if (line.startsWith("(run it;")) {
      entry.recorded = false;
    } else if (line.startsWith("2> ")) {
      entry.err += line.slice(3) + "\n";
    } else if (/^= \d+$/.test(line)) {
      entry.code = Number(line.slice(2));
      entry.done = true;
    } else if (!entry.done) {
      entry.out += line + "\n";
    }
  }
  return entries;
}

const letters = "[bcdfghjklmnpqrstvwxz2456789]";
const plain = (text) =>
  text
    .replaceAll("hollow-", "node")
    .split("\n")
    .filter((line) => !/resourceVersion"?:/.test(line))
    .map((line) => line.trim().replace(/\s+/g, " "))
    .join("\n")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>")
    .replace(/\d\d:\d\d:\d\d(\.\d+)?/g, "<time>")
    .replace(/\w{3}, \d\d \w{3} \d{4} <time> [+-]\d{4}/g, "<time>")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uid>")
    .replace(/(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?![\d.])/g, "<ip>")
    .replace(/(pod-template-hash["=:]+ ?"?)\w+/g, "$1<hash>")
    .replace(/(LIVE|MERGED)-\d+/g, "$1")
    .replace(new RegExp(`-${letters}{8,10}(?=[-\\s"./]|$)`, "gm"), "-<hash>")
    .replace(new RegExp(`-${letters}{5}(?=[\\s"/)]|$)`, "gm"), "-<hash>")
    .replace(/:3\d{4}\//g, ":<port>/")
    .replace(/(?<![\w.:\/-])(\d+[dhms]){1,2}(?![\w.:\/-])/g, "<age>")
    .replace(/-{3,}/g, "-")
    .trimEnd();

let server;
let folder;
const kubectl = (words) => {
  const [program] = kubectl_program("1.36");
  return run(program, words, { env: { KUBECONFIG: server.kubeconfig, HOME: folder, TERM: "xterm" }, cwd: folder, timeout: 60000 });
};
before(async () => {
  if (!there) return;
  server = await serve(["--nodes", "3", "--store", "memory"]);
  folder = path.join(server.folder, "session");
  mkdirSync(folder);
  cpSync(path.join(reference, "manifests"), path.join(folder, "m"), { recursive: true });
  await eventually("three ready nodes", async () => (await kubectl(["get", "nodes", "--no-headers"])).out.split(" Ready ").length === 4);
});
after(() => server?.stop());

test("the recorded session through the real kubectl", { skip: there ? false : "no recording beside the repository" }, async () => {
  let equal = 0;
  let recorded = 0;
  const log = [];
  for (const entry of entriesOf(readFileSync(recording, "utf8"))) {
    let line = entry.line.replaceAll("hollow-", "node");
    for (const phrase of phrases) line = line.replace(phrase, phrase.replaceAll(" ", "\u0001"));
    const words = line.split(" ").slice(1).map((word) => word.replaceAll("\u0001", " "));
    // Where the recording paused for pods to start.
    if ([29, 76, 141].includes(entry.number)) {
      await eventually("pods that run", async () => !/ (Pending|ContainerCreating) /.test((await kubectl(["get", "pods", "--no-headers"])).out), 6000).catch(() => {});
    }
    const result = await kubectl(words);
    if (!entry.recorded) continue;
    ++recorded;
    const same = plain(result.out) === plain(entry.out) && plain(result.err) === plain(entry.err) && result.code === entry.code;
    equal += same;
    if (!same)
      log.push(`#### ${entry.number} $ ${entry.line}\n--- real (= ${entry.code})\n${plain(entry.out)}\n--- real, standard error\n${plain(entry.err)}\n--- ours (= ${result.code})\n${plain(result.out)}\n--- ours, standard error\n${plain(result.err)}\n`);
  }
  if (process.env.DRYDOCK_TRANSCRIPT_LOG) writeFileSync(process.env.DRYDOCK_TRANSCRIPT_LOG, log.join(""));
  console.log(`# transcript: ${equal} of ${recorded} recorded commands print the same through the real kubectl`);
  assert.ok(equal >= kEqualAtLeast, `${equal} are equal; there were ${kEqualAtLeast}`);
});
