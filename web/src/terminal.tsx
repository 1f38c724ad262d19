// One terminal: xterm.js, its size, links, and the usual keys for copy and paste.
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { useEffect, useRef } from "preact/hooks";

export interface TerminalHandlers {
  onInput(data: string): void;
  onResize(columns: number, rows: number): void;
}

export class TerminalTab {
  readonly xterm: Terminal;
  readonly search = new SearchAddon();
  private readonly fit = new FitAddon();
  private opened = false;

  constructor(readonly node: string, readonly title: string) {
    this.xterm = new Terminal({
      allowProposedApi: true,
      cursorBlink: true,
      fontFamily: '"DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
      fontSize: 14,
      scrollback: 5000,
      theme: { background: "#11151d", foreground: "#e2e8f0", cursor: "#60a5fa", selectionBackground: "#33508a" },
    });
    this.xterm.loadAddon(this.fit);
    this.xterm.loadAddon(this.search);
    this.xterm.loadAddon(new Unicode11Addon());
    this.xterm.unicode.activeVersion = "11";
    this.xterm.loadAddon(new WebLinksAddon((_event, address) => window.open(address, "_blank", "noopener,noreferrer")));
    this.xterm.attachCustomKeyEventHandler((event) => this.copyAndPasteKeys(event));
  }

  connect(handlers: TerminalHandlers) {
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
    if (this.opened && this.xterm.element?.isConnected) this.fit.fit();
  }

  // Ctrl+C copies a selection (else it interrupts); Ctrl+Shift+C and Ctrl+Insert
  // always copy; Ctrl+V, Ctrl+Shift+V and Shift+Insert paste, as the browser does.
  private copyAndPasteKeys(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true;
    const key = event.key.toLowerCase();
    const wantsCopy = (event.ctrlKey && key === "c" && (event.shiftKey || this.xterm.hasSelection())) || (event.ctrlKey && key === "insert");
    if (wantsCopy) {
      if (this.xterm.hasSelection()) {
        void navigator.clipboard?.writeText(this.xterm.getSelection());
        this.xterm.clearSelection();
      }
      event.preventDefault();
      return false;
    }
    const wantsPaste = (event.ctrlKey && key === "v") || (event.shiftKey && key === "insert");
    return !wantsPaste;
  }
}

export function TerminalView(props: { tab: TerminalTab }) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = holder.current!;
    props.tab.show(element);
    const observer = new ResizeObserver(() => props.tab.layout());
    observer.observe(element);
    return () => {
      observer.disconnect();
      element.replaceChildren();
    };
  }, [props.tab]);
  return <div class="terminal-holder" ref={holder} />;
}
