// A file of a node in an editor: YAML colours, vim keys on request, Ctrl+S saves.
// Also where a new image is written.
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState } from "@codemirror/state";
import { tags } from "@lezer/highlight";
import { vim } from "@replit/codemirror-vim";
import { EditorView, basicSetup } from "codemirror";
import { useEffect, useRef, useState } from "preact/hooks";

import { Dialog } from "./dialog";
import type { Session } from "./session";
import { isBoolean, useSetting } from "./settings";

const theme = EditorView.theme(
  {
    "&": { height: "100%", fontSize: "14px", backgroundColor: "#0f131b", color: "#dbe3ee" },
    ".cm-scroller": { fontFamily: '"DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace' },
    ".cm-gutters": { backgroundColor: "#141923", color: "#7c8aa0", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "#1a212e80" },
    ".cm-cursor": { borderLeftColor: "#60a5fa" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "#2f4a80 !important" },
    ".cm-panels": { backgroundColor: "#1a202b", color: "#dbe3ee" },
    ".cm-fat-cursor": { backgroundColor: "#60a5fa !important", color: "#0f131b !important" },
    ".cm-searchMatch": { backgroundColor: "#5b4a12" },
    ".cm-foldPlaceholder": { backgroundColor: "#26303f", border: "none", color: "#9aa8bd" },
  },
  { dark: true },
);

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "#7dd3fc" },
  { tag: [tags.string, tags.content], color: "#bef264" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "#fdba74" },
  { tag: tags.comment, color: "#8593a8", fontStyle: "italic" },
  { tag: [tags.keyword, tags.typeName, tags.labelName], color: "#c4b5fd" },
  { tag: [tags.punctuation, tags.separator, tags.meta], color: "#9aa8bd" },
]);

export const imageTemplate = `# A new image for this session: pods can use it at once.
name: example.com/hello:1.0
# An image that is already there: its files and commands come along.
base: alpine
files:
  /srv/greeting.txt: |
    hello from an image of my own
# A web server, and what it answers.
http:
  port: 8080
  responses:
    /: "Hello!\\n"
`;

// What is edited: a node's file, or the definition of a new image.
export type EditTarget = { kind: "file"; node: string; path: string } | { kind: "image" };

interface Message {
  text: string;
  failed?: boolean;
}

export function Editor(props: { session: Session; nodes: string[]; target: EditTarget; onClose(): void; onAsk(title: string, text: string, action: string): Promise<boolean> }) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>();
  const saved = useRef("");
  const [keys] = useState(() => new Compartment());
  const first = props.target;
  const image = first.kind === "image";
  const [node, setNode] = useState(image ? "" : first.node);
  const [path, setPath] = useState(image ? "" : first.path);
  const [vimKeys, setVimKeys] = useSetting("vim", false, isBoolean);
  const [changed, setChanged] = useState(false);
  const [shown, setShown] = useState("");
  const [message, setMessage] = useState<Message>({ text: "" });

  const show = (text: string) => {
    saved.current = text;
    setChanged(false);
    view.current?.setState(
      EditorState.create({
        doc: text,
        extensions: [
          keys.of(vimKeys ? vim() : []),
          basicSetup,
          yaml(),
          theme,
          syntaxHighlighting(colours),
          EditorState.tabSize.of(2),
          EditorView.contentAttributes.of({ "aria-label": image ? "Definition of the image" : "Text of the file" }),
          EditorView.updateListener.of((update) => update.docChanged && setChanged(update.state.doc.toString() !== saved.current)),
        ],
      }),
    );
    view.current?.focus();
  };
  const load = async () => {
    if (changed && !(await props.onAsk("Unsaved changes", "Open another file and lose the changes to this one?", "Open it"))) return;
    const answer = await props.session.command({ type: "readFile", node, path: absolute(path) });
    setMessage(answer.error ? { text: `${path}: ${answer.error}. Saving creates it.` } : { text: "" });
    show(String(answer.content ?? ""));
    setShown(absolute(path));
  };
  const save = async () => {
    const text = view.current!.state.doc.toString();
    const answer = image
      ? await props.session.command({ type: "defineImage", yaml: text })
      : await props.session.command({ type: "writeFile", node, path: absolute(path), content: text });
    if (answer.error) {
      setMessage({ text: String(answer.error), failed: true });
      return;
    }
    saved.current = text;
    setChanged(false);
    setMessage({ text: image ? `Image ${String(answer.name ?? "")} is ready. Pods can use it now.` : `Saved ${absolute(path)} on ${node}.` });
  };
  const close = async () => {
    if (changed && !(await props.onAsk("Unsaved changes", "Close the editor and lose what was not saved?", "Close it"))) return;
    props.onClose();
  };

  useEffect(() => {
    view.current = new EditorView({ parent: holder.current! });
    if (image) show(imageTemplate);
    else void load();
    return () => view.current?.destroy();
  }, []);
  useEffect(() => view.current?.dispatch({ effects: keys.reconfigure(vimKeys ? vim() : []) }), [vimKeys]);

  return (
    <Dialog title={image ? "New image" : `Edit a file${changed ? " (changed)" : ""}`} wide onClose={() => void close()}>
      <section
        class="editor"
        data-shown={shown}
        onKeyDown={(event) => {
          if ((event.ctrlKey || event.metaKey) && event.key === "s") {
            event.preventDefault();
            void save();
          }
          // In the text Escape leaves vim's insert mode, and closes the editor's own panels; elsewhere it closes the dialog.
          if (event.key === "Escape" && holder.current?.contains(event.target as Node)) event.preventDefault();
        }}
      >
        {image ? (
          <p class="hint">An image is a root file system and what runs in it. Describe it in YAML; saving again replaces it.</p>
        ) : (
          <form
            class="editor-file"
            onSubmit={(event) => {
              event.preventDefault();
              void load();
            }}
          >
            <select value={node} onChange={(event) => setNode(event.currentTarget.value)} aria-label="Node">
              {props.nodes.map((name) => <option key={name}>{name}</option>)}
            </select>
            <input value={path} onInput={(event) => setPath(event.currentTarget.value)} aria-label="Path of the file" spellcheck={false} autocapitalize="off" />
            <button type="submit">Open</button>
          </form>
        )}
        <div class="editor-text" ref={holder} />
        <footer class="editor-foot">
          <span class={message.failed ? "editor-message failed" : "editor-message"} role={message.failed ? "alert" : "status"}>{message.text}</span>
          <label class="check"><input type="checkbox" checked={vimKeys} onChange={(event) => setVimKeys(event.currentTarget.checked)} /> vim keys</label>
          <button class="primary" title="Save (Ctrl+S)" onClick={() => void save()}>{image ? "Create image" : "Save"}</button>
        </footer>
      </section>
    </Dialog>
  );
}

const absolute = (path: string) => (path.startsWith("/") ? path : `/root/${path.replace(/^~\//, "")}`);
