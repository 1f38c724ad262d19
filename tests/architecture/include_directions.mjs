// Enforces the include directions of ARCHITECTURE.md: node include_directions.mjs ROOT
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

// What each folder may include besides itself. Control-plane parts meet each
// other only through the API, and the virtual machine only through ports.
const base = ["base"];
const machinery = [...base, "machinery"];
const client = [...machinery, "client"];
const host = [...client, "network", "pki"];
const runtime = [...host, "host", "kubelet"];
const everything = [...runtime, "store", "apiserver", "controllers", "scheduler", "proxy", "runtime"];
const allowed = {
  base: [],
  machinery: base,
  pki: machinery,
  store: machinery,
  cel: machinery,
  apiserver: [...client, "store", "cel"],
  client: machinery,
  controllers: client,
  scheduler: client,
  kubelet: client,
  proxy: client,
  network: client,
  host,
  runtime,
  programs: everything,
  world: [...everything, "programs"],
};
// Outside core: the picture sees base and the feed's header alone.
const outside = {
  ui: (include) => include.startsWith("core/base/") || include === "core/world/feed.h" || include.startsWith("ui/"),
  server: (include) => !include.startsWith("ui/"),
  wasm: (include) => !include.startsWith("ui/") && !include.startsWith("server/"),
};

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(file);
    else if (/\.(h|cpp)$/.test(entry.name)) yield file;
  }
}

const root = process.argv[2];
const broken = [];
function check(folder, permits) {
  for (const file of sources(path.join(root, folder))) {
    for (const [, include] of readFileSync(file, "utf8").matchAll(/^#include "([^"]+)"/gm)) {
      if (!permits(include)) broken.push(`${path.relative(root, file)} must not include ${include}`);
    }
  }
}

for (const folder of readdirSync(path.join(root, "core"), { withFileTypes: true })) {
  if (!folder.isDirectory()) continue;
  const may = allowed[folder.name];
  if (!may) {
    broken.push(`core/${folder.name}: a new folder needs its include directions, here and in ARCHITECTURE.md`);
    continue;
  }
  check(`core/${folder.name}`, (include) => {
    const target = include.match(/^core\/([a-z_]+)\//)?.[1];
    return target ? target === folder.name || may.includes(target) : !/^(ui|server|wasm)\//.test(include);
  });
}
for (const [folder, permits] of Object.entries(outside)) check(folder, permits);

for (const line of broken) console.log(`error: ${line}`);
process.exit(broken.length ? 1 : 0);
