// A `drydock serve` of its own for a test file: own port, own data directory, ended by pid.
import { spawn, execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const binary = process.env.DRYDOCK_BINARY;
export const clients = process.env.DRYDOCK_CLIENTS;

export async function serve(flags = [], folder = mkdtempSync(path.join(tmpdir(), "drydock-serve-"))) {
  const child = spawn(binary, ["serve", "--data-dir", folder, "--listen", "127.0.0.1:0", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  const ready = new Promise((resolve, reject) => {
    const look = (bytes) => {
      text += bytes;
      if (/^ready after/m.test(text)) resolve();
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    ended.then(() => reject(new Error("drydock serve ended: " + text)));
  });
  await ready;
  const url = text.match(/^serving (\S+)$/m)[1];
  const kubeconfig = path.join(folder, "kubeconfig");
  const config = readFileSync(kubeconfig, "utf8");
  const decode = (name) => Buffer.from(config.match(new RegExp(`${name}: (\\S+)`))[1], "base64").toString();
  return {
    url,
    port: Number(new URL(url).port),
    folder,
    kubeconfig,
    pid: child.pid,
    ca: decode("certificate-authority-data"),
    cert: decode("client-certificate-data"),
    key: decode("client-key-data"),
    text: () => text,
    ended,
    // Ends the process; the folder stays for a successor when asked to.
    async stop({ signal = "SIGTERM", keep = false } = {}) {
      child.kill(signal);
      const how = await ended;
      if (!keep) rmSync(folder, { recursive: true, force: true });
      return how;
    },
  };
}

// Runs a program: {out, err, code}. `input` goes to its standard input.
export function run(program, args, { input = "", env = {}, timeout = 20000, cwd } = {}) {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { timeout, cwd, env: { ...process.env, HOME: tmpdir(), ...env }, maxBuffer: 1 << 26 },
      (error, out, err) => resolve({ out, err, code: error ? (error.code ?? error.signal) : 0 }),
    );
    child.stdin.end(input);
  });
}

// The program and first words of a kubectl: "1.36", "1.20", or "ours".
export function kubectl_program(version) {
  return version === "ours" ? [binary, "kubectl"] : [path.join(clients, `kubectl-${version}`)];
}

// kubectl of a version against that server.
export function kubectl(server, version) {
  const cache = mkdtempSync(path.join(server.folder, "cache-"));
  const [program, ...words] = kubectl_program(version);
  return (line, options = {}) =>
    run(
      program,
      [...words, "--kubeconfig", server.kubeconfig, "--cache-dir", cache, ...(Array.isArray(line) ? line : line.split(" "))],
      options,
    );
}

export async function eventually(what, check, milliseconds = 15000) {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
