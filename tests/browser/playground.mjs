// The built page in Chromium, for tests and the bench.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../cmake/serve.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const { chromium } = createRequire(path.join(root, "web/package.json"))("playwright-core");

// Runs `use(playground)` on a freshly opened page, and closes everything after it.
export async function withPlayground(use, { subPath = "", viewport = { width: 1400, height: 900 }, permissions = [] } = {}) {
  const server = await serve(path.join(root, "build/web"), 0, subPath);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
      "--disable-sync", "--disable-gpu", "--enable-unsafe-swiftshader"],
  });
  try {
    const context = await browser.newContext({ viewport, permissions });
    const page = await context.newPage();
    return await use(new Playground(page, context, `http://localhost:${server.address().port}${subPath}/`));
  } finally {
    await browser.close();
    server.close();
  }
}

class Playground {
  errors = []; // what the page's console and its requests complained about

  constructor(page, context, address) {
    Object.assign(this, { page, context, address });
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && this.errors.push(message.text()));
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
        return buffer.baseY + buffer.cursorY > count;
      },
      before,
      { timeout: limitSeconds * 1000 },
    );
    await this.prompt(limitSeconds);
  }

  // Everything the terminal in front shows, its scrollback included.
  text() {
    return this.page.evaluate(() => {
      const terminal = [...window.drydock.terminals.values()].find(({ xterm }) => xterm.element?.offsetParent);
      const buffer = terminal.xterm.buffer.active;
      let text = "";
      for (let y = 0; y < buffer.length; ++y) {
        const line = buffer.getLine(y);
        text += (y && !line.isWrapped ? "\n" : "") + line.translateToString(true);
      }
      return text.trimEnd();
    });
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
