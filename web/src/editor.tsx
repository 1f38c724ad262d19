// A file of a node in an editor: YAML colours, vim keys on request, Ctrl+S saves.
import { yaml } from "@codemirror/lang-yaml";
import { vim } from "@replit/codemirror-vim";
import { EditorView, basicSetup } from "codemirror";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Session } from "./session";

const theme = EditorView.theme(
  {
    "&": { height: "100%", fontSize: "14px", backgroundColor: "#11151d", color: "#e2e8f0" },
    ".cm-gutters": { backgroundColor: "#171c26", color: "#64748b", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "#1b2230" },
    ".cm-cursor": { borderLeftColor: "#60a5fa" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "#33508a" },
  },
  { dark: true },
);

export const imageTemplate = `# A new image for this session: what it holds and what it answers.
name: example.com/hello:1.0
base: alpine
files:
  /srv/greeting.txt: |
    hello from an image of my own
http:
  port: 8080
  responses:
    /: "Hello!\\n"
`;

// What is edited: a node's file, or the definition of a new image.
export type EditTarget = { kind: "file"; node: string; path: string } | { kind: "image" };

export function Editor(props: { session: Session; nodes: string[]; target: EditTarget; onClose(): void }) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>();
  const first = props.target;
  const [node, setNode] = useState(first.kind === "file" ? first.node : "");
  const [path, setPath] = useState(first.kind === "file" ? first.path : "");
  const [vimKeys, setVimKeys] = useState(false);
  const [message, setMessage] = useState("");

  const load = async () => {
    if (first.kind === "image") return imageTemplate;
    const answer = await props.session.command({ type: "readFile", node, path });
    if (answer.error) {
      setMessage(`${path}: ${answer.error}. Saving creates it.`);
      return "";
    }
    setMessage("");
    return String(answer.content ?? "");
  };
  const save = async () => {
    const text = view.current!.state.doc.toString();
    const answer =
      first.kind === "image"
        ? await props.session.command({ type: "defineImage", yaml: text })
        : await props.session.command({ type: "writeFile", node, path, content: text });
    setMessage(answer.error ? String(answer.error) : first.kind === "image" ? `Image ${String(answer.name ?? "")} is there.` : `Saved ${path} on ${node}.`);
  };
  const make = (text: string) => {
    view.current?.destroy();
    view.current = new EditorView({ parent: holder.current!, doc: text, extensions: [vimKeys ? vim() : [], basicSetup, yaml(), theme] });
    view.current.focus();
  };

  useEffect(() => {
    void load().then(make);
    return () => view.current?.destroy();
  }, []);
  useEffect(() => {
    if (view.current) make(view.current.state.doc.toString());
  }, [vimKeys]);

  return (
    <section
      class="editor"
      aria-label="Editor"
      onKeyDown={(event) => {
        if ((event.ctrlKey || event.metaKey) && event.key === "s") {
          event.preventDefault();
          void save();
        }
      }}
    >
      <header>
        {first.kind === "image" ? (
          <strong>New image</strong>
        ) : (
          <>
            <select value={node} onChange={(event) => setNode(event.currentTarget.value)} aria-label="Node">
              {props.nodes.map((name) => <option key={name}>{name}</option>)}
            </select>
            <input value={path} onInput={(event) => setPath(event.currentTarget.value)} aria-label="File" spellcheck={false} />
            <button onClick={() => void load().then(make)}>Open</button>
          </>
        )}
        <button class="primary" onClick={() => void save()}>Save</button>
        <label><input type="checkbox" checked={vimKeys} onChange={(event) => setVimKeys(event.currentTarget.checked)} /> vim keys</label>
        <span class="editor-message" role="status">{message}</span>
        <button class="close" title="Close the editor" onClick={props.onClose}>×</button>
      </header>
      <div class="editor-text" ref={holder} />
    </section>
  );
}
