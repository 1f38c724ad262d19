// The core's home: a Web Worker that owns the WASM module, moves its clock along
// with the real one, and passes on what comes out.
import type { Answer, Command, FromWorker, Outputs, ToWorker } from "./protocol";

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
// The picture needs no more than this; a busy cluster changes far more often.
const feedEveryMs = 50;

let core: CoreModule | undefined;
let lastAdvance = 0;
let lastFeed = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const waiting: ToWorker[] = [];

function post(message: FromWorker, transfer: Transferable[] = []) {
  (self as unknown as Worker).postMessage(message, transfer);
}

function withText<T>(module: CoreModule, text: string, use: (pointer: number, length: number) => T): T {
  const length = module.lengthBytesUTF8(text);
  const pointer = module._malloc(length + 1);
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

function run(command: Command): Answer {
  const module = core!;
  withText(module, JSON.stringify(command), (pointer, length) => module._core_command(pointer, length));
  return JSON.parse(resultText(module)) as Answer;
}

function pump() {
  const module = core!;
  const now = performance.now();
  const wait = module._core_advance(now - lastAdvance);
  lastAdvance = now;
  if (module._core_drain()) post({ kind: "outputs", outputs: JSON.parse(resultText(module)) as Outputs });
  if (now - lastFeed >= feedEveryMs && module._core_feed()) {
    lastFeed = now;
    const start = module._core_data();
    const bytes = module.HEAPU8.slice(start, start + module._core_size()).buffer as ArrayBuffer;
    post({ kind: "feed", bytes }, [bytes]);
  }
  clearTimeout(timer);
  timer = setTimeout(pump, Math.max(0, Math.min(wait, frameMs)));
}

function handle(message: ToWorker) {
  if (message.kind === "start") {
    const module = core!;
    const ok = withText(module, JSON.stringify(message.options), (pointer, length) => module._core_start(pointer, length));
    if (ok && message.recording) {
      const replayed = withText(module, message.recording, (pointer, length) => module._core_replay(pointer, length));
      if (!replayed) return post({ kind: "failed", reason: resultText(module) });
    }
    if (!ok) return post({ kind: "failed", reason: resultText(module) });
    const answer = JSON.parse(resultText(module)) as { versions?: string[] };
    lastAdvance = performance.now();
    post({ kind: "ready", versions: answer.versions ?? [] });
    return pump();
  }
  const answer = run(message.command);
  post({ kind: "answer", id: message.id, answer });
  pump();
}

self.onmessage = (event: MessageEvent<ToWorker>) => {
  if (core) handle(event.data);
  else waiting.push(event.data);
};

try {
  // @ts-expect-error built beside this file
  const factory = (await import("./drydock_core.mjs")).default as (options: object) => Promise<CoreModule>;
  core = await factory({});
  for (const message of waiting.splice(0)) handle(message);
} catch (error) {
  post({ kind: "failed", reason: String(error) });
}
