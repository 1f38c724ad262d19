// The page as a workbench: tabs, terminals, editor, clock, splitter, keys, recordings,
// and that nothing from inside a session reaches the page as HTML.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { withPlayground } from "./playground.mjs";

const logs = path.join(process.env.DRYDOCK_ROOT, "build/logs");
mkdirSync(logs, { recursive: true });

const tabTitles = (page) => page.locator("[role=tab]").allTextContents();
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test("nodes, terminals and tabs", async () => {
  await withPlayground(async (playground) => {
    const { page } = playground;
    await playground.open();
    await page.screenshot({ path: path.join(logs, "empty.png") });
    await playground.addNode();
    await playground.type("cd /tmp && touch here && ls");
    await page.click('[aria-label="New terminal on node1"] >> nth=0');
    await playground.prompt();
    assert.deepEqual(await tabTitles(page), ["node1", "node1 (2)"]);
    await playground.type("cat /tmp/here && pwd");
    assert.match(await playground.text(), /^\/root$/m, "a second shell starts at home");

    await page.click("[role=tab] >> nth=0");
    assert.match(await playground.text(), /^here$/m, "the first terminal kept its lines");
    await page.keyboard.press("Control+F6");
    assert.equal(await page.evaluate(() => document.activeElement.className.includes("add-node")), true, "Ctrl+F6 leaves the terminal");

    await playground.addNode();
    assert.deepEqual(await tabTitles(page), ["node1", "node1 (2)", "node2"]);
    assert.match(await page.locator(".node >> nth=1").innerText(), /node2[^]*10\.0\.0\.3[^]*MiB \/ 4\.0 GiB[^]*2 CPU/);

    await page.click('[aria-label="Delete node1"]');
    assert.match(await page.locator("dialog").innerText(), /Delete node1\?/);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".node").count(), 2, "Escape deletes nothing");
    await page.click('[aria-label="Delete node1"]');
    await page.click("dialog .danger-fill");
    await page.waitForFunction(() => document.querySelectorAll(".node").length === 1);
    assert.deepEqual(await tabTitles(page), ["node2"], "its terminals went with it");

    await page.keyboard.type("exit");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".tab.ended");
    await page.click(".tab .close");
    assert.equal(await page.locator("[role=tab]").count(), 0);
    await page.click(".node-name");
    await playground.prompt();
    assert.deepEqual(playground.errors, []);
  });
});

test("copy, paste, search, links and size", async () => {
  await withPlayground(
    async (playground) => {
      const { page } = playground;
      await playground.open();
      await playground.addNode();
      const select = (text, width) =>
        page.evaluate(([wanted, columns]) => {
          const { xterm } = [...window.drydock.terminals.values()][0];
          const buffer = xterm.buffer.active;
          for (let y = buffer.length - 1; y >= 0; --y) {
            const at = buffer.getLine(y).translateToString(true).indexOf(wanted);
            if (at === 0) return xterm.select(0, y, columns);
          }
          throw new Error(`no line begins with ${wanted}`);
        }, [text, width]);
      await playground.type("echo 你好-copied");
      await select("你好", 4);
      await page.keyboard.press("Control+c");
      assert.equal((await clipboard(page)).trim(), "你好", "Ctrl+C copies a selection");
      await page.evaluate(() => navigator.clipboard.writeText("echo from-the-clipboard"));
      await page.keyboard.press("Control+v");
      await playground.shows(/\$ echo from-the-clipboard$/);
      await playground.type("");
      assert.match(await playground.text(), /^from-the-clipboard$/m);
      // Several lines stand at the prompt as they were copied, tabs too, until Enter.
      await page.waitForFunction(() => [...window.drydock.terminals.values()][0].xterm.modes.bracketedPasteMode);
      await page.evaluate(() => navigator.clipboard.writeText("cat > pasted.yaml <<'Y'\nkind: Pod\nmetadata:\n\tname: 演示\nY\nwc -l pasted.yaml\n"));
      await page.keyboard.press("Control+Shift+V");
      await playground.shows(/wc -l pasted\.yaml\n$/);
      assert.doesNotMatch(await playground.text(), /^3 pasted/m, "nothing runs before Enter");
      await playground.type("");
      assert.match(await playground.text(), /^3 pasted\.yaml$/m);
      await playground.type("cat -A pasted.yaml");
      assert.match(await playground.text(), /^\^Iname: /m);
      // A program that reads for itself gets the lines as if they were typed.
      await page.keyboard.type("cat > plain");
      await page.keyboard.press("Enter");
      await playground.shows(/cat > plain\n$/);
      await page.waitForFunction(() => ![...window.drydock.terminals.values()][0].xterm.modes.bracketedPasteMode);
      await page.evaluate(() => navigator.clipboard.writeText("one\ntwo\n"));
      await page.keyboard.press("Shift+Insert");
      await playground.shows(/one\ntwo\n$/);
      await page.keyboard.press("Control+d");
      await playground.prompt();
      await playground.type("wc -l plain");
      assert.match(await playground.text(), /^2 plain$/m);
      await page.keyboard.type("sleep 1000");
      await page.keyboard.press("Enter");
      await playground.shows(/sleep 1000\n$/);
      await page.keyboard.press("Control+c");
      await playground.prompt();
      assert.match(await playground.text(), /\^C/, "without a selection Ctrl+C interrupts");

      await page.keyboard.press("Control+Shift+F");
      await page.keyboard.type("clipboard");
      await page.waitForFunction(() => [...window.drydock.terminals.values()][0].xterm.getSelection() === "clipboard");
      assert.equal(await page.locator(".search-result").innerText(), "");
      await page.keyboard.type("-nowhere");
      await page.waitForFunction(() => document.querySelector(".search-result")?.textContent === "not found");
      await page.keyboard.press("Escape");
      assert.equal(await page.locator(".search").count(), 0);

      const before = await page.evaluate(() => [...window.drydock.terminals.values()][0].xterm.cols);
      await page.setViewportSize({ width: 900, height: 700 });
      await page.waitForFunction((columns) => [...window.drydock.terminals.values()][0].xterm.cols < columns, before);
      await playground.type("tput cols");
      const columns = await page.evaluate(() => [...window.drydock.terminals.values()][0].xterm.cols);
      assert.match(await playground.text(), new RegExp(`^${columns}$`, "m"), "the node knows the size");
      // A row has room for the whole letter: an underscore is its lowest part.
      const room = await page.evaluate(() => {
        const rows = document.querySelector(".xterm-rows");
        const { fontSize, fontFamily } = getComputedStyle(rows);
        const pen = document.createElement("canvas").getContext("2d");
        pen.font = `${fontSize} ${fontFamily}`;
        const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = pen.measureText("_");
        return rows.firstElementChild.getBoundingClientRect().height - above - below;
      });
      assert.ok(room >= 0, `${-room} pixels of a letter are cut off`);
      // The wheel goes back in what was shown.
      await playground.type("seq 300");
      const terminal = await page.locator(".xterm-screen").boundingBox();
      await page.mouse.move(terminal.x + 100, terminal.y + 60);
      await page.mouse.wheel(0, -2000);
      await page.waitForFunction(() => {
        const buffer = [...window.drydock.terminals.values()][0].xterm.buffer.active;
        return buffer.viewportY < buffer.baseY;
      });
      // A click opens a printed address.
      await playground.type("clear; echo https://kubernetes.io/docs/home/");
      await page.evaluate(() => {
        window.opened = [];
        window.open = (...given) => (window.opened.push(given), null);
      });
      await page.mouse.move(terminal.x + 60, terminal.y + 10);
      await page.mouse.move(terminal.x + 64, terminal.y + 10);
      await page.waitForFunction(() => document.querySelector(".xterm-cursor-pointer"));
      await page.mouse.click(terminal.x + 64, terminal.y + 10);
      assert.deepEqual(await page.evaluate(() => window.opened), [["https://kubernetes.io/docs/home/", "_blank", "noopener,noreferrer"]]);
      // Links: the world's in a tab that cannot reach back, the session's with a hint.
      const opened = await page.evaluate(async () => {
        const calls = [];
        const real = window.open;
        window.open = (...given) => (calls.push(given), null);
        const tab = [...window.drydock.terminals.values()][0];
        for (const address of ["https://kubernetes.io/docs/", "http://10.0.0.2:30080/", "javascript:alert(1)"]) tab.xterm.options.linkHandler.activate({}, address);
        window.open = real;
        return calls;
      });
      assert.deepEqual(opened, [["https://kubernetes.io/docs/", "_blank", "noopener,noreferrer"]]);
      assert.match(await page.locator(".notice").innerText(), /10\.0\.0\.2:30080 is inside this session/);
      assert.deepEqual(playground.errors, []);
    },
    { permissions: ["clipboard-read", "clipboard-write"] },
  );
});

test("editor and images", async () => {
  await withPlayground(async (playground) => {
    const { page } = playground;
    await playground.open();
    await playground.addNode();
    await playground.openEditor("node1", "/root/notes/a.yaml");
    await page.keyboard.type("greeting: 你好");
    await playground.saveEditor();
    assert.equal(await page.locator(".editor-message").innerText(), "Saved /root/notes/a.yaml on node1.");
    await page.screenshot({ path: path.join(logs, "editor.png") });
    await page.click("dialog [aria-label=Close]");
    await page.click(".terminal-area");
    await playground.type("cat notes/a.yaml && echo");
    assert.match(await playground.text(), /^greeting: 你好$/m);

    await playground.openEditor("node1", "/etc/hostname");
    assert.equal(await page.locator(".cm-content").innerText().then((text) => text.trim()), "node1");
    await page.click("text=vim keys");
    await page.click(".cm-content");
    await page.keyboard.type("ggOnew ");
    await page.keyboard.press("Escape");
    await page.keyboard.type("0x");
    assert.match(await page.locator(".cm-content").innerText(), /^ew/, "vim's keys");
    await page.click("text=vim keys");
    await page.click("dialog [aria-label=Close]");
    assert.match(await page.locator("dialog >> nth=-1").innerText(), /Unsaved changes/);
    await page.click("dialog .primary >> nth=-1");
    await page.waitForFunction(() => !document.querySelector("dialog"));

    await page.click(".new-image");
    await page.click(".cm-content");
    await playground.saveEditor();
    assert.match(await page.locator(".editor-message").innerText(), /^Image example\.com\/hello:1\.0 is ready/);
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("name: example.com/hello:2.0\nbase: example.com/not-there:1\n");
    await page.keyboard.press("Control+s");
    await page.waitForSelector(".editor-message.failed");
    assert.match(await page.locator(".editor-message").innerText(), /not-there/, "the core's own words");
    await page.screenshot({ path: path.join(logs, "image.png") });
    assert.deepEqual(playground.errors, []);
  });
});

test("clock, picture and splitter", async () => {
  await withPlayground(async (playground) => {
    const { page } = playground;
    await playground.open();
    await playground.addNode();
    const now = () => page.evaluate(() => document.querySelector(".clock-elapsed").textContent);
    await page.click("[aria-label=Pause]");
    await page.waitForSelector(".clock-state.paused");
    const stopped = await now();
    await page.waitForTimeout(1300);
    assert.equal(await now(), stopped, "a paused clock stands");
    const { hash } = await playground.command({ type: "stateHash" });
    await page.click("[aria-label=Step]");
    await page.waitForFunction(async (before) => (await window.drydock.session.command({ type: "stateHash" })).hash !== before, hash);
    const mode = async (label) => {
      await page.click(`.segments >> text="${label}"`);
      await page.waitForFunction((wanted) => [...document.querySelectorAll("[aria-pressed=true]")].some((button) => button.textContent === wanted), label);
    };
    const elapsed = () => page.evaluate(() => document.querySelector(".clock-elapsed").textContent.split(":").reduce((sum, part) => sum * 60 + Number(part), 0));
    for (const [label, seconds] of [["1×", 1], ["10×", 10], ["100×", 100], ["max", 3600]]) {
      await mode(label);
      const goal = (await elapsed()) + seconds;
      await page.waitForFunction((least) => document.querySelector(".clock-elapsed").textContent.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) >= least, goal);
    }
    await mode("auto");
    const begun = await elapsed();
    await page.click(".terminal-area");
    await playground.type("sleep 600");
    assert.ok((await elapsed()) - begun >= 600, "a working command takes its time from the fast clock");

    const height = () => page.evaluate(() => Math.round(document.querySelector(".picture").getBoundingClientRect().height));
    const usual = await height();
    const bar = await page.locator(".splitter").boundingBox();
    await page.mouse.move(bar.x + 300, bar.y);
    await page.mouse.down();
    await page.mouse.move(bar.x + 300, bar.y + 120, { steps: 4 });
    await page.mouse.up();
    assert.ok(Math.abs((await height()) - usual - 120) < 4, "dragging resizes");
    await page.focus(".splitter");
    await page.keyboard.press("ArrowUp");
    assert.ok((await height()) < usual + 110, "so do the keys");
    await page.dblclick(".splitter");
    assert.ok(Math.abs((await height()) - usual) < 3, "a double click resets");
    await page.click('[aria-label="Picture beside the terminals"]');
    assert.equal(await page.getAttribute(".splitter", "aria-orientation"), "vertical");
    await page.reload();
    await playground.ready();
    assert.equal(await page.getAttribute(".splitter", "aria-orientation"), "vertical", "the choice is remembered");
    await page.click('[aria-label="No picture"]');
    assert.equal(await page.locator(".splitter").count(), 0);
    await page.click('[aria-label="Picture above the terminals"]');

    // A picture with nothing new is not drawn again.
    await page.waitForFunction(() => window.drydock.picture.frames > 0);
    await page.waitForFunction(async () => {
      const before = window.drydock.picture.frames;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return window.drydock.picture.frames === before;
    });
    assert.deepEqual(playground.errors, []);
  });
});

test("a session is saved, and goes on where it ended after loading", async () => {
  await withPlayground(async (playground) => {
    const { page } = playground;
    await playground.open();
    await playground.addNode();
    await playground.type("sleep 5; echo kept > /root/file; echo before-the-save");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(".save-session")]);
    const file = path.join(logs, "session.json");
    await download.saveAs(file);
    await playground.addNode();
    await page.setInputFiles(".file-button input", file);
    await Promise.all([page.waitForEvent("load"), page.click("dialog .primary")]);
    await playground.ready();
    await playground.prompt();
    assert.equal(await page.locator(".node").count(), 1);
    assert.match(await page.locator(".clock-elapsed").innerText(), /^00:0\d:/, "the clock tells the session's time");
    assert.match(await playground.text(), /^before-the-save$/m, "the terminal shows what it showed");
    await page.click(".terminal-area");
    await playground.type("cat /root/file");
    assert.match(await playground.text(), /^kept$/m);

    writeFileSync(file, "{}");
    await page.setInputFiles(".file-button input", file);
    await page.click("dialog .primary");
    await page.waitForSelector(".notice");
    assert.match(await page.locator(".notice").innerText(), /not a recording of a Drydock session/);
    assert.deepEqual(playground.errors, []);
  });
});

test("a small window, and words that look like HTML", async () => {
  await withPlayground(
    async (playground) => {
      const { page } = playground;
      await playground.open();
      await page.click(".topbar .primary");
      await playground.prompt();
      const attack = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>";
      await playground.type(`echo '${attack}' && printf '\\033]0;${attack}\\007\\033]8;;javascript:window.hacked=1\\007link\\033]8;;\\007\\n'`);
      await playground.command({ type: "writeFile", node: "node1", path: `/root/${attack.replaceAll("/", "")}`, content: attack });
      await playground.type("ls; cat img*");
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      assert.equal(await page.locator("#app img[src=x], #app script").count(), 0);

      await page.click(".topbar [aria-expanded]");
      await page.waitForSelector(".node", { state: "visible" });
      await page.screenshot({ path: path.join(logs, "small.png") });
      await page.click(".new-image");
      await page.waitForSelector(".cm-content");
      assert.equal(await page.getAttribute(".topbar [aria-expanded]", "aria-expanded"), "false", "the drawer makes room for what it opened");
      await page.screenshot({ path: path.join(logs, "small-image.png") });
      await page.click("dialog [aria-label=Close]");
      // The tab in front stays in sight when the window shrinks.
      await page.setViewportSize({ width: 1400, height: 800 });
      for (let extra = 0; extra < 4; ++extra) {
        await page.click(".tab-add");
        await playground.prompt();
      }
      await page.setViewportSize({ width: 390, height: 800 });
      await page.waitForFunction(() => {
        const [tab, tabs] = [document.querySelector(".tab.on"), document.querySelector(".tabs")].map((element) => element.getBoundingClientRect());
        return tab.left >= tabs.left - 1 && tab.right <= tabs.right + 1;
      });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      assert.ok(wide, "nothing sticks out");
      assert.deepEqual(playground.errors, []);
    },
    { viewport: { width: 390, height: 800 } },
  );
});

test("third-party notices name what ships, and the session stays", async () => {
  await withPlayground(
    async (playground) => {
      const { page, context } = playground;
      await playground.open();
      await playground.addNode();
      const [notices] = await Promise.all([context.waitForEvent("page"), page.click("text=Third-party notices")]);
      const text = await notices.locator("main").innerText();
      for (const name of ["preact", "@xterm/xterm", "@codemirror/view", "Dear ImGui", "SDL 2", "musl", "yaml-cpp", "Mbed TLS", "PCRE2", "jq", "Oniguruma"])
        assert.ok(text.includes(name), name);
      await notices.close();
      assert.equal(await page.locator(".node").count(), 1);
      await page.reload();
      assert.deepEqual(playground.questions, ["beforeunload"], "a session is not lost without a question");
      assert.deepEqual(playground.errors, []);
    },
    { subPath: "/some/where" },
  );
});
