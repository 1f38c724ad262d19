// Serves a folder of static files on this machine: node serve.mjs FOLDER [--port N]
// For ./drydock play and the browser tests; any static host does as well.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

// Resolves to the listening server, on a free port when `port` is 0. The folder
// appears under `subPath`.
export function serve(folder, port = 0, subPath = "") {
  const root = path.resolve(folder);
  const server = createServer(async (request, response) => {
    try {
      const { pathname } = new URL(request.url, "http://page");
      if (!pathname.startsWith(subPath + "/")) throw new Error("outside the sub-path");
      const wanted = path.join(root, decodeURIComponent(pathname.slice(subPath.length)));
      if (wanted !== root && !wanted.startsWith(root + path.sep)) throw new Error("outside the folder");
      const file = (await stat(wanted)).isDirectory() ? path.join(wanted, "index.html") : wanted;
      const { size } = await stat(file);
      response.writeHead(200, {
        "content-type": types[path.extname(file)] ?? "application/octet-stream",
        "content-length": size,
        "cache-control": "no-cache",
      });
      if (request.method === "HEAD") response.end();
      else createReadStream(file).pipe(response);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, option, value] = process.argv.slice(2);
  const port = option === "--port" ? Number(value) : 8080;
  if (!folder || (option && option !== "--port") || !Number.isInteger(port)) {
    console.error("usage: node serve.mjs FOLDER [--port N]");
    process.exit(2);
  }
  try {
    const server = await serve(folder, port).catch((error) => {
      // Somebody else has the usual port: any free one does.
      if (error.code === "EADDRINUSE" && !option) return serve(folder);
      throw error;
    });
    console.log(`Drydock is at http://localhost:${server.address().port}/  (Ctrl-C stops it)`);
  } catch (error) {
    console.error(`drydock: ${error.message}`);
    process.exit(1);
  }
}
