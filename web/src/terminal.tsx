// One terminal: xterm.js, its size, links, search, and the usual keys for copy and paste.
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { useEffect, useRef } from "preact/hooks";

export interface TerminalHandlers {
  onInput(data: string): void;
  onResize(columns: number, rows: number): void;
  onLink(address: string): void;
  // Ctrl+Shift+F, and Ctrl+F6 to leave the terminal by keyboard.
  onSearch(): void;
  onLeave(): void;
}

const onMac = /Mac|iPhone|iPad/.test(navigator.platform);

const colours = {
  background: "#0f131b", foreground: "#dbe3ee", cursor: "#60a5fa", cursorAccent: "#0f131b", selectionBackground: "#2f4a80",
  black: "#1f2733", red: "#f87171", green: "#4ade80", yellow: "#fbbf24", blue: "#60a5fa", magenta: "#c084fc", cyan: "#22d3ee", white: "#cbd5e1",
  brightBlack: "#7c8aa0", brightRed: "#fca5a5", brightGreen: "#86efac", brightYellow: "#fde68a", brightBlue: "#93c5fd", brightMagenta: "#d8b4fe",
  brightCyan: "#67e8f9", brightWhite: "#f8fafc",
};

const found = {
  decorations: { matchBackground: "#5b4a12", matchOverviewRuler: "#fbbf24", activeMatchBackground: "#b45309", activeMatchColorOverviewRuler: "#fb923c" },
};

export class TerminalTab {
  readonly xterm: Terminal;
  ended = false;
  private readonly search = new SearchAddon();
  private readonly fit = new FitAddon();
  private opened = false;
  private handlers?: TerminalHandlers;

  constructor(readonly node: string, readonly title: string, size = { columns: 80, rows: 24 }) {
    this.xterm = new Terminal({
      allowProposedApi: true,
      cols: size.columns,
      rows: size.rows,
      cursorBlink: false,
      fontFamily: '"DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", "Noto Sans Mono", monospace',
      fontSize: 14,
      // At 1 the row cuts off what is lowest in it: the underscore is not seen.
      lineHeight: 1.15,
      scrollback: 10_000,
      theme: colours,
      // Links that programs print with OSC 8.
      linkHandler: { activate: (_event, address) => this.handlers?.onLink(address) },
    });
    this.xterm.loadAddon(this.fit);
    this.xterm.loadAddon(this.search);
    this.xterm.loadAddon(new Unicode11Addon());
    this.xterm.unicode.activeVersion = "11";
    this.xterm.loadAddon(new WebLinksAddon((_event, address) => this.handlers?.onLink(address)));
    this.xterm.attachCustomKeyEventHandler((event) => this.ownKeys(event));
  }

  connect(handlers: TerminalHandlers) {
    this.handlers = handlers;
    this.xterm.onData(handlers.onInput);
    this.xterm.onResize((size) => handlers.onResize(size.cols, size.rows));
  }

  show(element: HTMLElement) {
    if (!this.opened) {
      this.xterm.open(element);
      this.opened = true;
    } else {
      element.append(this.xterm.element!);
    }
    this.layout();
    this.xterm.focus();
  }

  layout() {
    const element = this.xterm.element;
    // A hidden or tiny place would squeeze the lines; they stay as they are until there is room.
    if (this.opened && element?.isConnected && element.clientWidth > 60 && element.clientHeight > 20) this.fit.fit();
  }

  find(text: string, backwards: boolean, incremental: boolean): boolean {
    if (!text) {
      this.search.clearDecorations();
      return true;
    }
    return backwards ? this.search.findPrevious(text, found) : this.search.findNext(text, { ...found, incremental });
  }

  endSearch() {
    this.search.clearDecorations();
    this.xterm.focus();
  }

  // Ctrl+C copies a selection (else it interrupts); Ctrl+Shift+C and Ctrl+Insert
  // always copy; Ctrl+V, Ctrl+Shift+V and Shift+Insert paste, as the browser does.
  // On a Mac the Cmd keys do so by themselves.
  private ownKeys(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && event.shiftKey && key === "f") {
      event.preventDefault();
      this.handlers?.onSearch();
      return false;
    }
    if (event.ctrlKey && key === "f6") {
      event.preventDefault();
      this.handlers?.onLeave();
      return false;
    }
    const wantsCopy =
      event.ctrlKey && ((key === "c" && (event.shiftKey || (this.xterm.hasSelection() && !onMac))) || key === "insert");
    if (wantsCopy) {
      if (this.xterm.hasSelection()) {
        copyText(this.xterm.getSelection());
        this.xterm.clearSelection();
      }
      event.preventDefault();
      return false;
    }
    const wantsPaste = (event.ctrlKey && key === "v" && (event.shiftKey || !onMac)) || (event.shiftKey && key === "insert");
    return !wantsPaste;
  }
}

function copyText(text: string) {
  const oldWay = () => {
    const area = document.createElement("textarea");
    area.value = text;
    const before = document.activeElement;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).catch(oldWay);
  else oldWay();
}

export function TerminalView(props: { tab: TerminalTab }) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = holder.current!;
    props.tab.show(element);
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => props.tab.layout());
    });
    observer.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      element.replaceChildren();
    };
  }, [props.tab]);
  return <div class="terminal-holder" ref={holder} />;
}
