// What page and worker say to each other. The core's own commands and messages are
// JSON documents with a `type`; see core/world/session.h for their meaning.

export type ClockMode = "pause" | "auto" | "1x" | "10x" | "100x" | "max";

export interface SessionOptions {
  seed: number;
  // Seconds since the Unix epoch at which the session's clock starts.
  start: number;
  // "v1.36.3", or any other version the core offers.
  version: string;
}

// Page -> core.
export type Command =
  | { type: "addNode" }
  | { type: "deleteNode"; node: string }
  | { type: "openTerminal"; node: string; columns: number; rows: number }
  | { type: "closeTerminal"; terminal: number }
  | { type: "input"; terminal: number; data: string }
  | { type: "resize"; terminal: number; columns: number; rows: number }
  | { type: "writeFile"; node: string; path: string; content: string }
  | { type: "readFile"; node: string; path: string }
  | { type: "defineImage"; yaml: string }
  | { type: "clock"; mode: ClockMode }
  | { type: "step" }
  | { type: "recording" }
  | { type: "stateHash" }
  // Answered by the worker: {"bytes"} of the core's memory.
  | { type: "memory" };

export interface NodeInfo {
  name: string;
  address: string;
  memoryBytes: number;
  memoryUsed: number;
  cpus: number;
  role: string;
  version: string;
  state: "" | "Ready" | "NotReady";
}

// Core -> page.
export interface Outputs {
  // Terminal output since the last drain.
  terminals: { terminal: number; data: string }[];
  // Terminals that ended by themselves (exit, node deleted).
  closed: number[];
  // Only when something about the nodes changed.
  nodes?: NodeInfo[];
  clock: { now: number; mode: ClockMode; rate: number; working: boolean };
}

// A worker that was begun before the page's own script, and why it failed if it did.
export interface EarlyWorker {
  worker: Worker;
  failure?: string;
}

declare global {
  interface Window {
    earlyWorker?: EarlyWorker;
  }
}

// A terminal that a replayed recording left open.
export interface OpenTerminal {
  terminal: number;
  node: string;
  columns: number;
  rows: number;
}

export interface Answer {
  error?: string;
  [field: string]: unknown;
}

export type ToWorker =
  | { kind: "start"; options: SessionOptions; recording?: string }
  | { kind: "command"; id: number; command: Command };

export type FromWorker =
  // `started`: when the session's clock began, in milliseconds since the Unix epoch.
  // `live`: a served cluster, whose clock nobody can turn.
  | { kind: "ready"; versions: string[]; terminals: OpenTerminal[]; started: number; live?: boolean }
  // The session never began.
  | { kind: "failed"; reason: string }
  // It ended by a defect or for want of memory; only its recording can be asked for.
  | { kind: "crashed"; reason: string; detail: string }
  | { kind: "answer"; id: number; answer: Answer }
  | { kind: "outputs"; outputs: Outputs }
  | { kind: "feed"; bytes: ArrayBuffer };
