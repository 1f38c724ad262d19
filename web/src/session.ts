// The page's side of the worker: commands with answers, and listeners for what
// the core says on its own.
import type { Answer, Command, FromWorker, OpenTerminal, Outputs, SessionOptions, ToWorker } from "./protocol";

export interface SessionListeners {
  onReady(versions: string[], terminals: OpenTerminal[], started: number): void;
  onFailed(reason: string): void;
  onCrashed(reason: string, detail: string): void;
  onOutputs(outputs: Outputs): void;
  onFeed(bytes: ArrayBuffer): void;
}

export class Session {
  private readonly worker: Worker;
  private readonly pending = new Map<number, (answer: Answer) => void>();
  private nextId = 1;

  constructor(options: SessionOptions, listeners: SessionListeners, recording?: string) {
    const early = window.earlyWorker;
    window.earlyWorker = undefined;
    this.worker = early?.worker ?? new Worker("worker.js", { type: "module" });
    this.worker.onmessage = (event: MessageEvent<FromWorker>) => {
      const message = event.data;
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
          return listeners.onReady(message.versions, message.terminals, message.started);
        case "failed":
          return listeners.onFailed(message.reason);
        case "crashed":
          return listeners.onCrashed(message.reason, message.detail);
      }
    };
    this.worker.onerror = (event) => listeners.onFailed(event.message || "The worker could not be started.");
    if (early?.failure) listeners.onFailed(early.failure);
    this.send({ kind: "start", options, recording });
  }

  command(command: Command): Promise<Answer> {
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.pending.set(id, resolve);
      this.send({ kind: "command", id, command });
    });
  }

  end() {
    this.worker.terminate();
  }

  private send(message: ToWorker) {
    this.worker.postMessage(message);
  }
}
