// The peer of the bench: @ngrok/webernetes, Kubernetes in TypeScript, under Node.
//   node peer.mjs REPLICAS LIMIT-SECONDS      (bundled by bench.mjs first)
// Applies a Deployment on ten nodes and prints {running, seconds, megabytes} as JSON.
import { BaseImage, Cluster } from "@ngrok/webernetes";

const [replicas, limit] = process.argv.slice(2);

class Web extends BaseImage {
  static imageName = "web";
  static imageVersion = "1.0";
  defaultCommand = ["server"];
  async exec(context, argv) {
    return argv[0] === "server" ? context.waitUntilKilled() : super.exec(context, argv);
  }
}

const cluster = new Cluster({ nodes: 10 });
cluster.registerImage(Web);
await cluster.init();

const wanted = Number(replicas);
const running = new Set();
const start = performance.now();
let finish;
const finished = new Promise((resolve) => (finish = resolve));
cluster.informer("pods", (type, pod) => {
  if (pod.status?.phase === "Running" && type !== "delete") running.add(pod.metadata.uid);
  if (running.size >= wanted) finish();
}, { labelSelector: "app=web" });
setTimeout(finish, Number(limit) * 1000);
await cluster.apply([
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas: wanted,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image: "web:1.0" }] },
      },
    },
  },
]);
await finished;
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ running: running.size, seconds, megabytes: process.memoryUsage().rss / 1e6 }));
process.exit(0);
