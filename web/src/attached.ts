// A session that lives elsewhere: the page of `drydock serve` is attached to that cluster
// by a WebSocket (server/page/attached_page.h), which says what the worker would.
import type { FromWorker, ToWorker } from "./protocol";

// Channels of v4.channel.k8s.io: the first byte of every message.
const commands = 0;
const messages = 1;
const feed = 2;

// The token of an address like http://127.0.0.1:6444/#attach=…
export function attachToken(fragment: string): string | undefined {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("attach") ?? undefined;
}

export class AttachedLink {
  onmessage: (message: FromWorker) => void = () => undefined;
  private readonly socket: WebSocket;
  private open = false;
  private ended = false;

  constructor(token: string) {
    const address = new URL("session?stdin=true&stdout=true&stderr=true", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.hash = "";
    address.searchParams.set("token", token);
    this.socket = new WebSocket(address, "v4.channel.k8s.io");
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
      const bytes = new Uint8Array(event.data);
      if (bytes.length < 2) return;
      if (bytes[0] === feed) return this.onmessage({ kind: "feed", bytes: event.data.slice(1) });
      if (bytes[0] !== messages) return;
      const message = JSON.parse(new TextDecoder().decode(bytes.subarray(1))) as FromWorker;
      this.open ||= message.kind === "ready";
      this.onmessage(message);
    };
    this.socket.onclose = () => {
      if (this.ended) return;
      this.onmessage({
        kind: "failed",
        reason: this.open
          ? "The connection to the cluster was lost."
          : "The cluster does not let this page attach. Open the address that drydock serve printed when it started last.",
      });
    };
  }

  send(message: ToWorker) {
    if (message.kind !== "command" || this.socket.readyState !== WebSocket.OPEN) return;
    const text = new TextEncoder().encode(JSON.stringify(message));
    const bytes = new Uint8Array(text.length + 1);
    bytes[0] = commands;
    bytes.set(text, 1);
    this.socket.send(bytes);
  }

  end() {
    this.ended = true;
    this.socket.close();
  }
}
