// The core module under Node, as the page's worker drives it in a tab.
import path from "node:path";
import { pathToFileURL } from "node:url";

export class CoreSession {
  #module;
  #text = new Map(); // terminal -> everything it has shown
  #markers = 0;
  maxHeapBytes = 0;

  // `folder` holds drydock_core.mjs; `options` are those of core_start.
  static async start(folder, options = {}) {
    const session = new CoreSession();
    const { default: factory } = await import(pathToFileURL(path.join(folder, "drydock_core.mjs")));
    session.#module = await factory({});
    if (!session.#call("_core_start", options)) throw new Error(session.#result());
    return session;
  }

  command(command) {
    this.#call("_core_command", command);
    const answer = JSON.parse(this.#result());
    if (answer.error) throw new Error(`${command.type}: ${answer.error}`);
    return answer;
  }

  openTerminal(node) {
    const { terminal } = this.command({ type: "openTerminal", node, columns: 120, rows: 40 });
    this.#text.set(terminal, "");
    return terminal;
  }

  // One frame: `elapsed` milliseconds of real time go by.
  advance(elapsed = 16) {
    this.#module._core_advance(elapsed);
    this.maxHeapBytes = Math.max(this.maxHeapBytes, this.#module.HEAPU8.byteLength);
    if (!this.#module._core_drain()) return;
    for (const { terminal, data } of JSON.parse(this.#result()).terminals ?? []) {
      this.#text.set(terminal, (this.#text.get(terminal) ?? "") + data);
    }
  }

  // Types a command line and lets the world run until it has ended. Returns what
  // the terminal showed meanwhile, and the exit code.
  run(terminal, line, limitSeconds = 120) {
    const marker = `ended-${++this.#markers}-`;
    const start = this.#text.get(terminal).length;
    this.command({ type: "input", terminal, data: `${line}; echo ${marker}$?\r` });
    const ended = new RegExp(`${marker}(\\d+)`);
    const deadline = performance.now() + limitSeconds * 1000;
    for (;;) {
      const shown = this.#text.get(terminal).slice(start);
      const match = shown.match(ended);
      if (match) return { code: Number(match[1]), shown: shown.slice(0, match.index) };
      if (performance.now() > deadline) throw new Error(`"${line}" did not end; it showed:\n${shown}`);
      this.advance();
    }
  }

  #call(name, argument) {
    const module = this.#module;
    const text = JSON.stringify(argument);
    const length = module.lengthBytesUTF8(text);
    const pointer = module._malloc(length + 1);
    module.stringToUTF8(text, pointer, length + 1);
    const answer = module[name](pointer, length);
    module._free(pointer);
    return answer;
  }

  #result() {
    const start = this.#module._core_data();
    return new TextDecoder().decode(this.#module.HEAPU8.slice(start, start + this.#module._core_size()));
  }
}
