// The terminals' tabs, and the bar that searches in the one in front.
import { useEffect, useRef, useState } from "preact/hooks";

import { CloseIcon, DownIcon, PlusIcon, UpIcon } from "./icons";
import type { TerminalTab } from "./terminal";

export interface OpenTab {
  id: number;
  tab: TerminalTab;
}

export function Tabs(props: {
  open: OpenTab[];
  active: number;
  addOn: string;
  onShow(id: number): void;
  onClose(id: number): void;
  onAdd(node: string): void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const { open, active } = props;
  useEffect(() => {
    const element = list.current!;
    const reveal = () => element.querySelector(".tab.on")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    reveal();
    // A window that gets smaller must not hide the tab in front.
    const observer = new ResizeObserver(reveal);
    observer.observe(element);
    return () => observer.disconnect();
  }, [active, open.length]);

  const press = (event: KeyboardEvent, index: number) => {
    const last = open.length - 1;
    const to =
      event.key === "ArrowRight" ? (index === last ? 0 : index + 1)
      : event.key === "ArrowLeft" ? (index === 0 ? last : index - 1)
      : event.key === "Home" ? 0
      : event.key === "End" ? last
      : -1;
    if (event.key === "Delete") props.onClose(open[index]!.id);
    else if (to >= 0) {
      props.onShow(open[to]!.id);
      // The terminal takes the focus when it is shown; the arrow keys want it here.
      requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>("[role=tab]")[to]?.focus());
    } else return;
    event.preventDefault();
  };

  return (
    <>
      <div class="tabs" role="tablist" aria-label="Terminals" ref={list}>
        {open.map(({ id, tab }, index) => (
          <span key={id} class={`tab${id === active ? " on" : ""}${tab.ended ? " ended" : ""}`} role="presentation"
            onAuxClick={(event) => event.button === 1 && props.onClose(id)}>
            <button role="tab" id={`tab-${id}`} aria-selected={id === active} aria-controls="terminal-panel" tabIndex={id === active ? 0 : -1}
              onClick={() => props.onShow(id)} onKeyDown={(event) => press(event, index)}>
              {tab.title}
            </button>
            <button class="close" tabIndex={-1} title={`Close ${tab.title}`} aria-label={`Close ${tab.title}`} onClick={() => props.onClose(id)}><CloseIcon /></button>
          </span>
        ))}
      </div>
      {props.addOn && (
        <button class="tab-add plain" title={`New terminal on ${props.addOn}`} aria-label={`New terminal on ${props.addOn}`} onClick={() => props.onAdd(props.addOn)}><PlusIcon /></button>
      )}
    </>
  );
}

export function SearchBar(props: { tab: TerminalTab; onClose(): void }) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    field.current!.focus();
    const selected = props.tab.xterm.getSelection();
    if (selected && !selected.includes("\n")) setText(selected);
    field.current!.select();
    return () => props.tab.endSearch();
  }, [props.tab]);
  const find = (wanted: string, backwards: boolean, incremental = false) => setMissing(!props.tab.find(wanted, backwards, incremental));
  return (
    <div class="search" role="search">
      <input
        ref={field}
        value={text}
        class={missing ? "missing" : ""}
        placeholder="Find in this terminal"
        aria-label="Find in this terminal"
        spellcheck={false}
        onInput={(event) => {
          setText(event.currentTarget.value);
          find(event.currentTarget.value, false, true);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") find(text, !event.shiftKey);
          else if (event.key === "Escape") props.onClose();
          else return;
          event.preventDefault();
        }}
      />
      <span class="search-result" role="status">{missing ? "not found" : ""}</span>
      <button class="plain" title="Earlier (Enter)" aria-label="Earlier" onClick={() => find(text, true)}><UpIcon /></button>
      <button class="plain" title="Later (Shift+Enter)" aria-label="Later" onClick={() => find(text, false)}><DownIcon /></button>
      <button class="plain" title="Close (Esc)" aria-label="Close the search" onClick={props.onClose}><CloseIcon /></button>
    </div>
  );
}
