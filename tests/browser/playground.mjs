// The built page in Chromium, for tests and the bench.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../cmake/serve.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const patienceMs = 120_000;
const { chromium } = createRequire(path.join(root, "web/package.json"))("playwright-core");

// The built page, of the build under test.
export const pageFolder = process.env.DRYDOCK_PAGE ?? path.join(root, "build/web");

// Runs `use(playground)` on a freshly opened page, and closes everything after it. The
// page is at `address` when somebody else serves it.
export async function withPlayground(use, { subPath = "", viewport = { width: 1400, height: 900 }, permissions = [], address } = {}) {
  const server = address ? undefined : await serve(pageFolder, 0, subPath);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
      "--disable-sync", "--disable-gpu", "--enable-unsafe-swiftshader"],
  });
  try {
    const context = await browser.newContext({ viewport, permissions, reducedMotion: "reduce" });
    // A loaded machine is slow, not wrong.
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    return await use(new Playground(page, context, address ?? `http://localhost:${server.address().port}${subPath}/`));
  } finally {
    await browser.close();
    server?.close();
  }
}

class Playground {
  errors = []; // what the page's console and its requests complained about
  questions = []; // the browser's own dialogs, all agreed to: their kinds

  constructor(page, context, address) {
    Object.assign(this, { page, context, address });
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && this.errors.push(message.text()));
    page.on("dialog", (dialog) => {
      this.questions.push(dialog.type());
      void dialog.accept();
    });
    page.on("requestfailed", (request) => this.errors.push(`${request.url()}: ${request.failure()?.errorText}`));
  }

  async open() {
    await this.page.goto(this.address);
    await this.ready();
  }

  // Waits until the core has started; says what the page says when it does not.
  async ready(limitSeconds = 120) {
    try {
      await this.page.waitForFunction(() => document.querySelector(".add-node:not([disabled])"), undefined, { timeout: limitSeconds * 1000 });
    } catch (error) {
      throw new Error(`the page is not ready: ${await this.#state()}`, { cause: error });
    }
  }

  // Adds an instance with the page's button; its terminal opens in front.
  async addNode() {
    const before = await this.page.evaluate(() => window.drydock.terminals.size);
    await this.page.click(".add-node");
    await this.page.waitForFunction((count) => window.drydock.terminals.size > count, before);
    await this.prompt();
  }

  // Waits until the terminal in front shows a prompt and nothing typed after it.
  async prompt(limitSeconds = 120) {
    await this.#waitFor(
      () => {
        const terminal = [...(window.drydock?.terminals.values() ?? [])].find(({ xterm }) => xterm.element?.offsetParent);
        const buffer = terminal?.xterm.buffer.active;
        return buffer && /[$#] ?$/.test(buffer.getLine(buffer.baseY + buffer.cursorY)?.translateToString(true) ?? "");
      },
      undefined,
      { timeout: limitSeconds * 1000 },
    );
  }

  // Types a line on the keyboard and waits for the next prompt.
  async type(line, limitSeconds = 120) {
    const before = await this.#lines();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press("Enter");
    await this.#waitFor(
      (count) => {
        const terminal = [...window.drydock.terminals.values()].find(({ xterm }) => xterm.element?.offsetParent);
        const buffer = terminal.xterm.buffer.active;
        // Further down, or at the top again after a clear.
        return buffer.baseY + buffer.cursorY !== count;
      },
      before,
      { timeout: limitSeconds * 1000 },
    );
    await this.prompt(limitSeconds);
  }

  // Everything the terminal in front shows, its scrollback included, up to the cursor
  // (a prompt's blank counts) or to what is written below it.
  async text() {
    // A tab that has just been chosen is not drawn yet.
    await this.page.waitForFunction(() => [...window.drydock.terminals.values()].some(({ xterm }) => xterm.element?.offsetParent));
    return this.page.evaluate(() => {
      const terminal = [...window.drydock.terminals.values()].find(({ xterm }) => xterm.element?.offsetParent);
      const buffer = terminal.xterm.buffer.active;
      let text = "";
      const cursor = buffer.baseY + buffer.cursorY;
      let end = 0;
      for (let y = 0; y < buffer.length; ++y) {
        const line = buffer.getLine(y);
        const written = line.translateToString(true);
        text += y && !line.isWrapped ? "\n" : "";
        text += y === cursor && written.length < buffer.cursorX ? line.translateToString(false, 0, buffer.cursorX) : written;
        if (written || y <= cursor) end = text.length;
      }
      return text.slice(0, end);
    });
  }

  // Waits until the terminal in front shows what matches; returns the match.
  async shows(expression, from = 0) {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const text = await this.text();
      const match = text.slice(from).match(expression);
      if (match) return match;
      if (Date.now() > deadline) throw new Error(`${expression} did not appear; the terminal ends with\n${text.slice(-1500)}\n${await this.#state()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  // Opens the page's editor on a file of a node; the file's text is there, or known not to be.
  async openEditor(node, file) {
    await this.page.click(`[aria-label="Edit a file on ${node}"]`);
    await this.page.waitForSelector(".cm-content");
    await this.page.fill('[aria-label="Path of the file"]', file);
    await this.page.click("dialog button[type=submit]");
    await this.page.waitForSelector(`.editor[data-shown="${file}"]`);
    await this.page.click(".cm-content");
  }

  async saveEditor() {
    await this.page.keyboard.press("Control+s");
    await this.page.waitForFunction(() => /^(Saved|Image .* is ready)/.test(document.querySelector(".editor-message").textContent));
  }

  // A command of the session's protocol (core/world/session.h).
  command(command) {
    return this.page.evaluate((wanted) => window.drydock.session.command(wanted), command);
  }

  // What a person would see, and what the console said.
  async #state() {
    const seen = await this.page.evaluate(() => document.body.innerText).catch((error) => String(error));
    return `${seen.slice(0, 2000)}\nconsole: ${JSON.stringify(this.errors)}`;
  }

  async #waitFor(condition, argument, options) {
    try {
      await this.page.waitForFunction(condition, argument, options);
    } catch (error) {
      const shown = await this.text().catch((trouble) => String(trouble));
      throw new Error(`no prompt came; the terminal ends with\n${shown.slice(-1500)}\n${await this.#state()}`, { cause: error });
    }
  }

  #lines() {
    return this.page.evaluate(() => {
      const terminal = [...window.drydock.terminals.values()].find(({ xterm }) => xterm.element?.offsetParent);
      return terminal.xterm.buffer.active.baseY + terminal.xterm.buffer.active.cursorY;
    });
  }
}
