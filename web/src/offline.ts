// Offline use is a convenience: the page works without it (private windows, file hosts
// without HTTPS). The service worker fetches the whole page once more to keep it, so it
// waits until the session has begun and the first terminal had its time.

const patienceMs = 3000;

export function keepForOffline() {
  if (!("serviceWorker" in navigator) || !location.protocol.startsWith("http")) return;
  setTimeout(() => void navigator.serviceWorker.register("service-worker.js").catch(() => undefined), patienceMs);
}
