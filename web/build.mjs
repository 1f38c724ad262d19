// Bundles the page: node build.mjs WASM-DIRECTORY OUTPUT-DIRECTORY
//
// The output is static files with relative addresses only, so it works from any
// host, under any sub-path, and (through the service worker) offline once loaded.
import * as esbuild from "esbuild";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [wasmDirectory, output] = process.argv.slice(2);
if (!wasmDirectory || !output) {
  console.error("usage: node build.mjs WASM-DIRECTORY OUTPUT-DIRECTORY");
  process.exit(2);
}
const here = path.dirname(fileURLToPath(import.meta.url));
await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });

const common = {
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
  // The WASM modules' glue is loaded at run time from beside the page.
  external: ["./drydock_core.mjs", "./drydock_ui.mjs"],
};
// The editor is a part of its own, fetched when it is opened first (and kept for offline use).
await esbuild.build({ ...common, entryPoints: { page: path.join(here, "src/main.tsx") }, outdir: output, splitting: true, chunkNames: "part-[hash]" });
for (const name of ["early", "worker"]) {
  await esbuild.build({ ...common, entryPoints: [path.join(here, `src/${name}.ts`)], outfile: path.join(output, `${name}.js`) });
}
for (const name of ["drydock_core.mjs", "drydock_core.wasm", "drydock_ui.mjs", "drydock_ui.wasm"]) {
  await cp(path.join(wasmDirectory, name), path.join(output, name));
}
// Emscripten begins a module that runs under Node as well with an import that only
// Node can resolve: a browser would refuse the whole module.
const glue = await readFile(path.join(output, "drydock_core.mjs"), "utf8");
const forNode = /import \{ createRequire \} from ['"]module['"];\s*const require = createRequire\(import\.meta\.url\);\s*/;
if (!forNode.test(glue)) throw new Error("drydock_core.mjs does not begin as Emscripten's glue for Node did");
await writeFile(path.join(output, "drydock_core.mjs"), glue.replace(forNode, ""));
await cp(path.join(here, "public"), output, { recursive: true });
await writeFile(path.join(output, "notices.html"), await notices());

// The service worker caches exactly these files, under a name that changes with them.
const files = (await readdir(output)).filter((name) => name !== "service-worker.js").sort();
const hash = createHash("sha256");
for (const name of files) hash.update(name).update(await readFile(path.join(output, name)));
const cacheName = "drydock-" + hash.digest("hex").slice(0, 12);
const template = await readFile(path.join(here, "src/service-worker.js"), "utf8");
await writeFile(
  path.join(output, "service-worker.js"),
  template.replaceAll("__CACHE__", cacheName).replaceAll("__FILES__", JSON.stringify(["./", ...files])),
);

// A file of the set-up's cache, where the libraries' sources are: "sources/*/jq/COPYING".
async function cached(pattern) {
  const cache = process.env.DRYDOCK_CACHE ?? path.join(process.env.HOME ?? "", ".cache/drydock");
  let folders = [cache];
  const parts = pattern.split("/");
  for (const part of parts.slice(0, -1)) {
    const [start, end] = part.split("*");
    const next = [];
    for (const folder of folders) {
      if (end === undefined) next.push(path.join(folder, part));
      else for (const name of await readdir(folder).catch(() => [])) if (name.startsWith(start) && name.endsWith(end)) next.push(path.join(folder, name));
    }
    folders = next;
  }
  for (const folder of folders) {
    const text = await readFile(path.join(folder, parts.at(-1)), "utf8").catch(() => undefined);
    if (text) return text;
  }
  return undefined;
}

// Third-party notices: what ships inside the page, with its licence text.
async function notices() {
  const escape = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
  const sections = [];
  const seen = new Set();
  const visit = async (name, from) => {
    if (seen.has(name)) return;
    seen.add(name);
    const folder = path.join(here, "node_modules", name);
    const manifest = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    const text = licence ? await readFile(path.join(folder, licence), "utf8") : `Licence: ${manifest.license}`;
    sections.push(`<h2>${escape(name)} ${escape(manifest.version)}</h2><pre>${escape(text)}</pre>`);
    for (const dependency of Object.keys(manifest.dependencies ?? {})) await visit(dependency, name);
  };
  const own = JSON.parse(await readFile(path.join(here, "package.json"), "utf8"));
  for (const name of Object.keys(own.dependencies)) await visit(name, own.name);
  for (const library of JSON.parse(await readFile(path.join(here, "native-notices.json"), "utf8"))) {
    const text = library.text ? await cached(library.text) : undefined;
    sections.push(`<h2>${escape(library.name)}</h2><p>${escape(library.licence)}. ${escape(library.copyright)}</p>${text ? `<pre>${escape(text)}</pre>` : ""}`);
  }
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Drydock: third-party notices</title>' +
    '<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="icon.svg" type="image/svg+xml"><link rel="stylesheet" href="page.css">' +
    '<main class="notices"><p><a href="./">Back to the playground</a></p><h1>Third-party notices</h1>' +
    "<p>Drydock itself is under the Apache License 2.0. This page also contains:</p>" +
    sections.join("") + "</main></html>"
  );
}
