// The page's side of the worker, or of a cluster elsewhere: commands with answers, and
// listeners for what the core says on its own.
import { AttachedLink, attachToken } from "./attached";
import type { Answer, Command, FromWorker, OpenTerminal, Outputs, SessionOptions, ToWorker } from "./protocol";

export interface SessionListeners {
  onReady(versions: string[], terminals: OpenTerminal[], started: number, live: boolean): void;
  onFailed(reason: string): void;
  onCrashed(reason: string, detail: string): void;
  onOutputs(outputs: Outputs): void;
  onFeed(bytes: ArrayBuffer): void;
}

export class Session {
  private readonly link: { send(message: ToWorker): void; end(): void };
  private readonly pending = new Map<number, (answer: Answer) => void>();
  private nextId = 1;

  constructor(options: SessionOptions, listeners: SessionListeners, recording?: string) {
    const hear = (message: FromWorker) => {
      switch (message.kind) {
        case "answer":
          this.pending.get(message.id)?.(message.answer);
          this.pending.delete(message.id);
          return;
        case "outputs":
          return listeners.onOutputs(message.outputs);
        case "feed":
          return listeners.onFeed(message.bytes);
        case "ready":
          return listeners.onReady(message.versions, message.terminals, message.started, message.live ?? false);
        case "failed":
          return listeners.onFailed(message.reason);
        case "crashed":
          return listeners.onCrashed(message.reason, message.detail);
      }
    };
    const token = attachToken(location.hash);
    if (token !== undefined) {
      const attached = new AttachedLink(token);
      attached.onmessage = hear;
      this.link = attached;
      return;
    }
    const early = window.earlyWorker;
    window.earlyWorker = undefined;
    const worker = early?.worker ?? new Worker("worker.js", { type: "module" });
    worker.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data);
    worker.onerror = (event) => listeners.onFailed(event.message || "The worker could not be started.");
    if (early?.failure) listeners.onFailed(early.failure);
    this.link = { send: (message) => worker.postMessage(message), end: () => worker.terminate() };
    this.link.send({ kind: "start", options, recording });
  }

  command(command: Command): Promise<Answer> {
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.pending.set(id, resolve);
      this.link.send({ kind: "command", id, command });
    });
  }

  end() {
    this.link.end();
  }
}
