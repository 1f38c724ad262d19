// The core's home: a Web Worker that owns the WASM module, moves its clock along
// with the real one, and passes on what comes out.
import type { Answer, Command, FromWorker, OpenTerminal, Outputs, ToWorker } from "./protocol";

interface CoreModule {
  HEAPU8: Uint8Array;
  UTF8ToString(pointer: number, length: number): string;
  stringToUTF8(text: string, pointer: number, room: number): void;
  lengthBytesUTF8(text: string): number;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _core_start(options: number, length: number): number;
  _core_replay(recording: number, length: number): number;
  _core_command(command: number, length: number): number;
  // Real milliseconds since the last call; returns milliseconds until there is more to do.
  _core_advance(elapsed: number): number;
  _core_drain(): number;
  _core_feed(): number;
  // The result of the last call above.
  _core_data(): number;
  _core_size(): number;
}

const frameMs = 16;
// The clock's face shows tenths of seconds; nothing else needs to be looked at sooner.
const idleMs = 100;
// The picture needs no more than this; a busy cluster changes far more often.
const feedEveryMs = 50;

let core: CoreModule | undefined;
// Why there will be no core; said to who asks, as the page may not listen yet.
let failure: string | undefined;
let crashed = false;
let lastAdvance = 0;
let lastFeed = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const waiting: ToWorker[] = [];

// Timeouts of zero wait four milliseconds when nested; a message does not.
const again = new MessageChannel();
let queued = false;
again.port1.onmessage = () => {
  queued = false;
  guarded(pump);
};

function post(message: FromWorker, transfer: Transferable[] = []) {
  (self as unknown as Worker).postMessage(message, transfer);
}

function withText<T>(module: CoreModule, text: string, use: (pointer: number, length: number) => T): T {
  const length = module.lengthBytesUTF8(text);
  const pointer = module._malloc(length + 1);
  if (!pointer) throw new RangeError("out of memory");
  module.stringToUTF8(text, pointer, length + 1);
  try {
    return use(pointer, length);
  } finally {
    module._free(pointer);
  }
}

// The module's last result; copied, because its memory may move.
function resultText(module: CoreModule): string {
  const start = module._core_data();
  return new TextDecoder().decode(module.HEAPU8.slice(start, start + module._core_size()));
}

// The real time until now passes at the pace that held until now: what comes next may
// change it, and the pause before a command was typed is not its work.
// Returns the milliseconds until there is more to do.
function catchUp(): number {
  const elapsed = performance.now() - lastAdvance;
  lastAdvance += elapsed;
  return core!._core_advance(elapsed);
}

function run(command: Command): Answer {
  const module = core!;
  if (command.type === "memory") return { bytes: module.HEAPU8.byteLength };
  withText(module, JSON.stringify(command), (pointer, length) => module._core_command(pointer, length));
  return JSON.parse(resultText(module)) as Answer;
}

// A trap leaves the module's memory as it was: what was typed can usually still be
// read out of it, but nothing may run in it any more.
function guarded(action: () => void) {
  try {
    action();
  } catch (error) {
    crashed = true;
    clearTimeout(timer);
    const text = String(error);
    const memory = /memory|allocat|grow/i.test(text) || (core !== undefined && core.HEAPU8.length > 3.9 * 2 ** 30);
    post({ kind: "crashed", reason: memory ? "The session ran out of memory." : "The session's core stopped.", detail: text });
  }
}

function pump() {
  const module = core!;
  const wait = catchUp();
  const now = lastAdvance;
  if (module._core_drain()) post({ kind: "outputs", outputs: JSON.parse(resultText(module)) as Outputs });
  if (now - lastFeed >= feedEveryMs && module._core_feed()) {
    lastFeed = now;
    const start = module._core_data();
    const bytes = module.HEAPU8.slice(start, start + module._core_size()).buffer as ArrayBuffer;
    post({ kind: "feed", bytes }, [bytes]);
  }
  clearTimeout(timer);
  if (wait > 0) {
    timer = setTimeout(() => guarded(pump), Math.max(frameMs, Math.min(wait, idleMs)));
  } else if (!queued) {
    queued = true;
    again.port2.postMessage(0);
  }
}

function start(message: Extract<ToWorker, { kind: "start" }>) {
  const module = core!;
  if (!withText(module, JSON.stringify(message.options), (pointer, length) => module._core_start(pointer, length))) {
    return post({ kind: "failed", reason: resultText(module) });
  }
  const versions = (JSON.parse(resultText(module)) as { versions?: string[] }).versions ?? [];
  let terminals: OpenTerminal[] = [];
  if (message.recording) {
    if (!withText(module, message.recording, (pointer, length) => module._core_replay(pointer, length))) {
      return post({ kind: "failed", reason: `The recording cannot be played: ${resultText(module)}` });
    }
    terminals = (JSON.parse(resultText(module)) as { terminals?: OpenTerminal[] }).terminals ?? [];
  }
  lastAdvance = performance.now();
  // Nanoseconds in a recording, which JavaScript's numbers hold to the millisecond.
  const started = message.recording ? (JSON.parse(message.recording) as { start: number }).start / 1e6 : message.options.start * 1000;
  post({ kind: "ready", versions, terminals, started });
  pump();
}

function handle(message: ToWorker) {
  if (message.kind === "start") return guarded(() => start(message));
  let answer: Answer;
  if (crashed && message.command.type !== "recording") {
    answer = { error: "the session's core has stopped" };
  } else {
    try {
      if (!crashed) catchUp();
      answer = run(message.command);
    } catch (error) {
      answer = { error: String(error) };
      if (!crashed) guarded(() => { throw error; });
    }
  }
  post({ kind: "answer", id: message.id, answer });
  if (!crashed) guarded(pump);
}

self.onmessage = (event: MessageEvent<ToWorker>) => {
  if (core) handle(event.data);
  else if (failure) post({ kind: "failed", reason: failure });
  else waiting.push(event.data);
};

// Compiled while it arrives, where the host says that it is WebAssembly.
async function compile(address: string): Promise<WebAssembly.Module> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  if (response.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

async function load(): Promise<CoreModule> {
  const compiling = compile("drydock_core.wasm");
  compiling.catch(() => undefined);  // awaited below
  // @ts-expect-error built beside this file
  const factory = (await import("./drydock_core.mjs")).default as (options: object) => Promise<CoreModule>;
  const compiled = await compiling;
  return new Promise((resolve, reject) => {
    const instantiateWasm = (imports: WebAssembly.Imports, use: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void) => {
      WebAssembly.instantiate(compiled, imports).then((instance) => use(instance, compiled), reject);
      return {};
    };
    factory({ instantiateWasm }).then(resolve, reject);
  });
}

try {
  core = await load();
  for (const message of waiting.splice(0)) handle(message);
} catch (error) {
  failure = `The core could not be started: ${String(error)}`;
  if (waiting.length > 0) post({ kind: "failed", reason: failure });
}
