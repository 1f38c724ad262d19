// Reads *.console scripts with expectations: "#= REGEX" lines say what the terminals
// must show, one after the other; "#? TEXT" lines are comments. "(?m)" in front of an
// expression makes ^ and $ match at lines.
import assert from "node:assert/strict";

export function readRoad(text) {
  const steps = []; // { line } is typed, { expect } is looked for
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("#= ")) steps.push({ expect: expression(line.slice(3)) });
    else if (!line.startsWith("#? ")) steps.push({ line });
  }
  return {
    steps,
    expectations: steps.filter(({ expect }) => expect).map(({ expect }) => expect),
    script: (join) => steps.filter(({ line }) => line !== undefined).map(({ line }) => `${line.replace("{join}", join)}\n`).join(""),
  };
}

function expression(source) {
  const lines = source.startsWith("(?m)");
  return new RegExp(lines ? source.slice(4) : source, lines ? "gm" : "g");
}

// The command that kubeadm init printed, on one line.
export function joinCommand(shown) {
  const match = shown.match(/kubeadm join (\S+) --token (\S+) \\\s+--discovery-token-ca-cert-hash (\S+)/);
  assert.ok(match, `kubeadm init printed no join command:\n${shown}`);
  return `kubeadm join ${match[1]} --token ${match[2]} --discovery-token-ca-cert-hash ${match[3]}`;
}

export function checkShown(shown, expectations) {
  let from = 0;
  for (const expected of expectations) {
    expected.lastIndex = from;
    const match = expected.exec(shown);
    assert.ok(match, `${expected} is not in what came after:\n${shown.slice(Math.max(0, from - 2000), from + 4000)}`);
    from = match.index + match[0].length;
  }
}
