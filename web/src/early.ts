// The document's first script: the core's worker begins to load and compile while the
// page's own script is still on its way. The session (session.ts) takes it over. A page
// that is attached to a cluster elsewhere needs none.
import { attachToken } from "./attached";
import type { EarlyWorker } from "./protocol";

if (attachToken(location.hash) === undefined) {
  const worker = new Worker("worker.js", { type: "module" });
  const early: EarlyWorker = { worker };
  // Nobody else listens yet.
  worker.onerror = (event) => { early.failure = event.message || "The worker could not be started."; };
  window.earlyWorker = early;
}
