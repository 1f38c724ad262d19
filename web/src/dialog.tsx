// Dialogs inside the page, on the browser's own <dialog>: it keeps the focus, closes
// on Escape and hides the rest from screen readers.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { CloseIcon } from "./icons";

export function Dialog(props: { title: string; wide?: boolean; onClose(): void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current!.showModal();
    return () => {
      // What had the focus may be gone with what the dialog did: then the terminal in front gets it.
      const gone = !(before instanceof HTMLElement) || !before.isConnected || before === document.body;
      const next = gone ? document.querySelector<HTMLElement>(".terminal-area textarea") : before;
      next?.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={props.wide ? "dialog wide" : "dialog"}
      aria-label={props.title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onMouseDown={(event) => event.target === element.current && props.onClose()}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2>{props.title}</h2>
          <button class="plain" title="Close (Esc)" aria-label="Close" onClick={props.onClose}><CloseIcon /></button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: string;
  action: string;
  danger: boolean;
  answer(agreed: boolean): void;
}

// `ask` resolves to what the person chose; render `question` somewhere.
export function useQuestion() {
  const [asked, setAsked] = useState<Question>();
  const ask = (title: string, text: string, action: string, danger = false) =>
    new Promise<boolean>((resolve) =>
      setAsked({
        title,
        text,
        action,
        danger,
        answer: (agreed) => {
          setAsked(undefined);
          resolve(agreed);
        },
      }),
    );
  const question = asked && (
    <Dialog title={asked.title} onClose={() => asked.answer(false)}>
      <p>{asked.text}</p>
      <div class="dialog-buttons">
        <button onClick={() => asked.answer(false)}>Cancel</button>
        <button class={asked.danger ? "primary danger-fill" : "primary"} autofocus onClick={() => asked.answer(true)}>{asked.action}</button>
      </div>
    </Dialog>
  );
  return { ask, question };
}
