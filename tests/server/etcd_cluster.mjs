// A real etcd for a test: members of their own ports and folders, TLS with client
// certificates between everybody, each ended by its pid.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
    })),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function startEtcd(size) {
  const root = process.env.DRYDOCK_ROOT ?? process.cwd();
  const program = process.env.DRYDOCK_ETCD ?? execFileSync(path.join(root, "cmake/setup/setup.sh"), ["etcd"], { encoding: "utf8" }).trim();
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-etcd-"));
  const file = (name) => path.join(folder, name);
  const openssl = (...words) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...fresh, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=etcd-ca");
  openssl("req", ...fresh, "-keyout", "etcd.key", "-out", "etcd.csr", "-subj", "/CN=etcd");
  writeFileSync(file("names"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n");
  openssl("x509", "-req", "-in", "etcd.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "etcd.crt");
  const ports = await freePorts(2 * size);
  const members = Array.from({ length: size }, (_, i) => ({
    name: `m${i}`, client: `https://127.0.0.1:${ports[2 * i]}`, peer: `https://127.0.0.1:${ports[2 * i + 1]}`,
  }));
  const start = (member) => {
    const log = openSync(file(`${member.name}.log`), "a");
    const tls = ["cert-file=" + file("etcd.crt"), "key-file=" + file("etcd.key"), "trusted-ca-file=" + file("ca.crt"), "client-cert-auth"];
    member.process = spawn(program, [
      `--name=${member.name}`, `--data-dir=${file(member.name)}`,
      `--listen-client-urls=${member.client}`, `--advertise-client-urls=${member.client}`,
      `--listen-peer-urls=${member.peer}`, `--initial-advertise-peer-urls=${member.peer}`,
      `--initial-cluster=${members.map((each) => `${each.name}=${each.peer}`).join(",")}`,
      "--logger=zap", ...tls.map((flag) => "--" + flag), ...tls.map((flag) => "--peer-" + flag),
    ], { stdio: ["ignore", log, log] });
    member.ended = new Promise((resolve) => member.process.once("exit", resolve));
  };
  const kill = async (member) => {
    member.process.kill("SIGKILL");
    await member.ended;
  };
  members.forEach(start);
  return {
    folder,
    members,
    start,
    kill,
    endpoints: members.map((member) => member.client).join(","),
    flags: [
      "--store", "etcd", "--etcd-endpoints", members.map((member) => member.client).join(","),
      "--etcd-cafile", file("ca.crt"), "--etcd-certfile", file("etcd.crt"), "--etcd-keyfile", file("etcd.key"),
    ],
    async stop() {
      await Promise.all(members.map(kill));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
