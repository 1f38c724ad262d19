import "@xterm/xterm/css/xterm.css";
import "./page.css";

import { render } from "preact";

import { App } from "./app";

render(<App />, document.getElementById("app")!);

// Offline use is a convenience: the page works without it (private windows, file hosts without HTTPS).
if ("serviceWorker" in navigator && location.protocol.startsWith("http")) {
  navigator.serviceWorker.register("service-worker.js").catch(() => undefined);
}
