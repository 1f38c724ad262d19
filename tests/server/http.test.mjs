// `drydock serve` over HTTPS: who gets in, what bad requests get, what survives.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import http2 from "node:http2";
import https from "node:https";
import { statSync, writeFileSync } from "node:fs";
import path from "node:path";
import tls from "node:tls";
import { eventually, kubectl, run, serve } from "./served.mjs";

let server;
let agent;
before(async () => {
  const tokens = path.join(process.env.TMPDIR ?? "/tmp", `drydock-tokens-${process.pid}`);
  writeFileSync(tokens, 'static-secret,robot,7,"system:masters"\n');
  server = await serve(["--nodes", "0", "--store", "memory", "--token-auth-file", tokens]);
  agent = new https.Agent({ keepAlive: true, ca: server.ca, cert: server.cert, key: server.key });
});
after(async () => {
  agent.destroy();
  await server.stop();
});

function ask(method, url, { body, headers = {}, as = agent } = {}) {
  return new Promise((resolve, reject) => {
    const request = https.request(server.url + url, { method, headers, agent: as }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => {
        const bytes = Buffer.concat(pieces);
        let document;
        try {
          document = JSON.parse(bytes);
        } catch {
          document = undefined;
        }
        resolve({ status: response.statusCode, headers: response.headers, text: bytes.toString(), document, bytes });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
const stranger = () => new https.Agent({ ca: server.ca });
const curl = (args, options) => run("curl", ["-sS", "--cacert", ca(), ...args], options);
function ca() {
  const file = path.join(server.folder, "ca-for-curl.pem");
  writeFileSync(file, server.ca);
  return file;
}
const configmap = (name, data = { a: "b" }) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });

test("the kubeconfig and the keys are their owner's alone", () => {
  assert.equal(statSync(server.kubeconfig).mode & 0o777, 0o600);
  assert.equal(statSync(path.join(server.folder, "pki/ca.key")).mode & 0o777, 0o600);
  assert.equal(statSync(path.join(server.folder, "pki/sa.key")).mode & 0o777, 0o600);
});

test("without credentials, or with wrong ones: 401 and a Status", async () => {
  for (const headers of [{}, { Authorization: "Bearer nonsense" }, { Authorization: "Bearer abcdef.0123456789abcdef" }]) {
    const answer = await ask("GET", "/api/v1/namespaces", { headers, as: stranger() });
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.document, {
      kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "Unauthorized", reason: "Unauthorized", code: 401,
    });
  }
});

test("a certificate of another authority opens nothing", async () => {
  const other = await serve(["--nodes", "0", "--store", "memory"]);
  const wrong = new https.Agent({ ca: server.ca, cert: other.cert, key: other.key });
  assert.equal((await ask("GET", "/api/v1/namespaces", { as: wrong })).status, 401);
  await other.stop();
});

test("static tokens, service account tokens, impersonation", async () => {
  const robot = await ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
    as: stranger(), body: "{}", headers: { Authorization: "Bearer static-secret", "Content-Type": "application/json" },
  });
  assert.equal(robot.document.status.userInfo.username, "robot");
  await eventually("the account", async () => (await ask("GET", "/api/v1/namespaces/default/serviceaccounts/default")).status === 200);
  const made = await ask("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", {
    body: JSON.stringify({ spec: { expirationSeconds: 600 } }), headers: { "Content-Type": "application/json" },
  });
  const bearer = { Authorization: "Bearer " + made.document.status.token };
  const secrets = await ask("GET", "/api/v1/namespaces/kube-system/secrets", { as: stranger(), headers: bearer });
  assert.equal(secrets.status, 403);
  assert.equal(
    secrets.document.message,
    'secrets is forbidden: User "system:serviceaccount:default:default" cannot list resource "secrets" in API group "" in the namespace "kube-system"',
  );
  const denied = await ask("GET", "/api/v1/namespaces", { headers: { "Impersonate-User": "nobody" } });
  assert.equal(denied.status, 403);
  assert.match(denied.document.message, /User "nobody" cannot list resource "namespaces"/);
  const rise = await ask("GET", "/api/v1/namespaces", {
    as: stranger(), headers: { ...bearer, "Impersonate-User": "admin", "Impersonate-Group": "system:masters" },
  });
  assert.match(rise.document.message, /cannot impersonate resource "users"/);
  // A changed token is no token.
  const forged = { Authorization: bearer.Authorization.slice(0, -3) + "AAA" };
  assert.equal((await ask("GET", "/api", { as: stranger(), headers: forged })).status, 401);
});

test("TLS 1.2 is the least", async () => {
  const old = await curl(["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", server.url + "/healthz"]);
  assert.notEqual(old.code, 0);
  const fine = await curl(["--tls-max", "1.2", "-H", "Authorization: Bearer static-secret", server.url + "/healthz"]);
  assert.equal(fine.out, "ok");
});

test("curl: bad requests get a Status that says why", async () => {
  const auth = ["-H", "Authorization: Bearer static-secret", "-H", "Content-Type: application/json", "--http1.1"];
  const url = server.url + "/api/v1/namespaces/default/configmaps";
  const rows = [
    [["-d", "{", url], 400, "BadRequest"],
    [["-d", "[]", url], 400, "BadRequest"],
    [["-d", configmap("UPPER"), url], 422, "Invalid"],
    [["-d", configmap("x").replace("ConfigMap", "Secret"), url], 400, "BadRequest"],
    [["-X", "BREW", url], 405, "MethodNotAllowed"],
    [[server.url + "/apis/nosuch/v1/things"], 404, "NotFound"],
    [[server.url + "/api/v1/namespaces/default/pods/nosuch"], 404, "NotFound"],
    [[server.url + "/api/v1/pods?labelSelector=a%3D%3D%3Db"], 400, "BadRequest"],
    [[server.url + "/api/v1/pods?limit=x"], 400, "BadRequest"],
    [[server.url + "/api/v1/namespaces/default/pods/nosuch/exec?command=ls"], 404, "NotFound"],
    [["-H", "Content-Type: application/vnd.kubernetes.protobuf", "-d", "garbage", url], 400, "BadRequest"],
  ];
  for (const [args, code, reason] of rows) {
    const answer = await curl([...auth, ...args]);
    const status = JSON.parse(answer.out || "{}");
    assert.equal(status.kind, "Status", `${args}: ${answer.out}${answer.err}`);
    assert.equal(status.code, code, `${args}: ${answer.out}`);
    assert.equal(status.reason, reason, `${args}: ${answer.out}`);
  }
});

test("a body of more than 3 MB is refused, one of less is not", async () => {
  const file = path.join(server.folder, "big.json");
  writeFileSync(file, configmap("big", { a: "x".repeat(3 * 1024 * 1024) }));
  const args = ["-H", "Authorization: Bearer static-secret", "-H", "Content-Type: application/json", "--data-binary", "@" + file];
  const answer = await curl([...args, "-w", "\n%{http_code}", server.url + "/api/v1/namespaces/default/configmaps"]);
  assert.match(answer.out, /Request entity too large: limit is 3145728/);
  assert.match(answer.out, /\n413$/);
  writeFileSync(file, configmap("big", { a: "x".repeat(900 * 1024) }));
  assert.match((await curl([...args, "-o", "/dev/null", "-w", "%{http_code}", server.url + "/api/v1/namespaces/default/configmaps"])).out, /^201$/);
});

test("requests cut short, and plain HTTP, end the connection and nothing else", async () => {
  const talk = (text, end) =>
    new Promise((resolve) => {
      const socket = tls.connect({ port: server.port, host: "127.0.0.1", ca: server.ca, servername: "localhost" }, () => {
        socket.write(text);
        if (end) socket.end();
      });
      let got = "";
      socket.on("data", (bytes) => (got += bytes));
      socket.on("close", () => resolve(got));
      socket.on("error", () => resolve(got));
    });
  assert.equal(await talk("GET /api HTTP/1.1\r\nHost: x\r\nAuth", true), "");
  assert.equal(await talk("POST /api HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc", true), "");
  assert.match(await talk("\x00\x01\x02\r\n\r\n", false), /^HTTP\/1.1 400 /);
  assert.match(await talk("GET / HTTP/1.1\r\nX: " + "a".repeat(70000) + "\r\n\r\n", false), /^HTTP\/1.1 431 /);
  assert.notEqual((await run("curl", ["-sS", "-m", "3", server.url.replace("https", "http")])).code, 0);
  assert.equal((await ask("GET", "/readyz")).text, "ok");
});

test("large answers are compressed for who takes it, documents are cached by their hash", async () => {
  const plain = await ask("GET", "/openapi/v2");
  const packed = await ask("GET", "/openapi/v2", { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(packed.headers["content-encoding"], "gzip");
  assert.ok(packed.bytes.length * 5 < plain.bytes.length);
  assert.equal((await ask("GET", "/openapi/v2", { headers: { "If-None-Match": plain.headers.etag } })).status, 304);
  const index = (await ask("GET", "/openapi/v3")).document;
  const apps = await ask("GET", index.paths["apis/apps/v1"].serverRelativeURL);
  assert.ok(apps.document.components.schemas["io.k8s.api.apps.v1.Deployment"]);
  assert.match(apps.headers["cache-control"], /immutable/);
});

test("a watch follows, and ends after timeoutSeconds", async () => {
  const begun = Date.now();
  const pending = ask("GET", "/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dwatched");
  await new Promise((resolve) => setTimeout(resolve, 200));
  await ask("POST", "/api/v1/namespaces/default/configmaps", { body: configmap("watched"), headers: { "Content-Type": "application/json" } });
  const watch = await pending;
  assert.ok(Date.now() - begun < 10000);
  assert.equal(JSON.parse(watch.text.split("\n")[0]).type, "ADDED");
  assert.equal(watch.headers["transfer-encoding"], "chunked");
});

test("HTTP/2 by ALPN: many requests at once, bodies, watches, limits", async () => {
  const session = http2.connect(server.url, { ca: server.ca, cert: server.cert, key: server.key });
  const ask2 = (method, url, body, onPiece) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":method": method, ":path": url, "content-type": "application/json" });
      let status;
      let text = "";
      stream.on("response", (headers) => (status = headers[":status"]));
      stream.on("data", (piece) => {
        text += piece;
        onPiece?.(text, stream);
      });
      stream.on("end", () => resolve({ status, text }));
      stream.on("error", reject);
      stream.end(body);
    });
  const url = "/api/v1/namespaces/default/configmaps";
  const made = await Promise.all(Array.from({ length: 60 }, (_, i) => ask2("POST", url, configmap(`h2-${i}`))));
  assert.ok(made.every((answer) => answer.status === 201), made.find((answer) => answer.status !== 201)?.text);
  const listed = JSON.parse((await ask2("GET", url + "?limit=500")).text);
  assert.ok(listed.items.filter((item) => item.metadata.name.startsWith("h2-")).length === 60);
  const big = await ask2("POST", url, configmap("h2-big", { a: "x".repeat(3 * 1024 * 1024) }));
  assert.equal(big.status, 413);
  const watch = ask2("GET", `${url}?watch=true&resourceVersion=${listed.metadata.resourceVersion}`, undefined, (text, stream) => {
    if (text.includes("h2-late")) stream.close();
  });
  await ask2("POST", url, configmap("h2-late"));
  assert.match((await watch).text, /"ADDED"/);
  assert.equal((await ask2("GET", "/openapi/v2")).status, 200);
  assert.equal((await ask2("GET", "/readyz")).text, "ok");
  session.close();
});

test("a data directory has one server at a time", async () => {
  const second = await run(process.env.DRYDOCK_BINARY, ["serve", "--data-dir", server.folder, "--listen", "127.0.0.1:0"]);
  assert.equal(second.code, 1);
  assert.match(second.err, /is used by another drydock serve/);
});

test("what was acknowledged survives kill -9, with its revision", async () => {
  let durable = await serve(["--nodes", "0", "--store", "sqlite"]);
  const names = [];
  let ca;
  for (let round = 0; round < 3; ++round) {
    ca ??= durable.ca;
    assert.equal(durable.ca, ca, "the authority is kept");
    const k = kubectl(durable, "1.36");
    const listed = await k("get configmaps -o name");
    for (const name of names) assert.ok(listed.out.includes(`configmap/${name}\n`), name);
    const client = new https.Agent({ keepAlive: true, ca: durable.ca, cert: durable.cert, key: durable.key });
    const create = (name) =>
      new Promise((resolve) => {
        const request = https.request(
          durable.url + "/api/v1/namespaces/default/configmaps",
          { method: "POST", agent: client, headers: { "Content-Type": "application/json" } },
          (response) => {
            if (response.statusCode === 201) names.push(name);
            response.resume().on("end", resolve).on("error", resolve);
          },
        );
        request.on("error", resolve);
        request.end(configmap(name));
      });
    for (let i = 0; i < 20; ++i) await create(`r${round}-${i}`);
    const last = [create(`r${round}-x`), create(`r${round}-y`)];
    await durable.stop({ signal: "SIGKILL", keep: true });
    await Promise.all(last);
    client.destroy();
    durable = await serve(["--nodes", "0", "--store", "sqlite"], durable.folder);
  }
  assert.ok(names.length >= 60);
  await durable.stop();
});

test("SIGTERM ends it with 0", async () => {
  const short = await serve(["--nodes", "1", "--store", "sqlite"]);
  assert.deepEqual(await short.stop(), { code: 0, signal: null });
});
