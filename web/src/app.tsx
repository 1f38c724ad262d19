// The page: nodes on the left, the picture and the terminals in the middle.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Editor, type EditTarget } from "./editor";
import { sessionOptions } from "./options";
import { Picture, PictureCanvas } from "./picture";
import type { NodeInfo, Outputs } from "./protocol";
import { Session } from "./session";
import { ClockPanel, NodeList } from "./sidebar";
import { TerminalTab, TerminalView } from "./terminal";

interface OpenTerminal {
  id: number;
  tab: TerminalTab;
}

declare global {
  interface Window {
    // For tests and the curious: the running session.
    drydock?: { session: Session; terminals: Map<number, TerminalTab> };
  }
}

const recordingKey = "drydock-recording";

export function App() {
  const options = useMemo(() => sessionOptions(location.hash), []);
  const picture = useMemo(() => new Picture(), []);
  const [status, setStatus] = useState<"loading" | "ready" | string>("loading");
  const [nodes, setNodes] = useState<NodeInfo[]>([]);
  const [versions, setVersions] = useState<string[]>([]);
  const [clock, setClock] = useState<Outputs["clock"]>({ now: options.start * 1000, mode: "auto", rate: 1, working: false });
  const [currentNode, setCurrentNode] = useState("");
  const [terminals, setTerminals] = useState<OpenTerminal[]>([]);
  const [active, setActive] = useState(0);
  const [editing, setEditing] = useState<EditTarget>();
  const [share, setShare] = useState(0.45);
  const [pictureError, setPictureError] = useState("");
  const tabs = useRef(new Map<number, TerminalTab>());
  const splitter = useRef<HTMLDivElement>(null);

  const session = useMemo(() => {
    const recording = sessionStorage.getItem(recordingKey) ?? undefined;
    sessionStorage.removeItem(recordingKey);
    return new Session(
      options,
      {
        onReady: (offered) => {
          setVersions(offered);
          setStatus("ready");
        },
        onFailed: setStatus,
        onFeed: (bytes) => picture.feed(bytes),
        onOutputs: (outputs) => {
          for (const { terminal, data } of outputs.terminals) tabs.current.get(terminal)?.xterm.write(data);
          for (const id of outputs.closed) tabs.current.get(id)?.xterm.write("\r\n\x1b[2m[the terminal has ended]\x1b[0m\r\n");
          if (outputs.nodes) setNodes(outputs.nodes);
          setClock(outputs.clock);
        },
      },
      recording,
    );
  }, []);

  useEffect(() => {
    window.drydock = { session, terminals: tabs.current };
    return () => session.end();
  }, [session]);

  const openTerminal = useCallback(async (node: string) => {
    const number = [...tabs.current.values()].filter((tab) => tab.node === node).length + 1;
    const tab = new TerminalTab(node, number === 1 ? node : `${node} (${number})`);
    const answer = await session.command({ type: "openTerminal", node, columns: 80, rows: 24 });
    if (answer.error) return setStatus(String(answer.error));
    const id = Number(answer.terminal);
    tabs.current.set(id, tab);
    tab.connect({
      onInput: (data) => void session.command({ type: "input", terminal: id, data }),
      onResize: (columns, rows) => void session.command({ type: "resize", terminal: id, columns, rows }),
    });
    setTerminals((open) => [...open, { id, tab }]);
    setActive(id);
    setCurrentNode(node);
  }, [session]);

  const addNode = async () => {
    const answer = await session.command({ type: "addNode" });
    if (answer.node) await openTerminal(String(answer.node));
  };
  const closeTerminal = (id: number) => {
    void session.command({ type: "closeTerminal", terminal: id });
    tabs.current.get(id)?.xterm.dispose();
    tabs.current.delete(id);
    setTerminals((open) => {
      const left = open.filter((terminal) => terminal.id !== id);
      if (active === id) setActive(left.at(-1)?.id ?? 0);
      return left;
    });
  };
  const deleteNode = async (node: string) => {
    if (!confirm(`Delete ${node}? Its files and processes are lost.`)) return;
    for (const { id, tab } of terminals) if (tab.node === node) closeTerminal(id);
    await session.command({ type: "deleteNode", node });
    setCurrentNode("");
  };
  const selectNode = (node: string) => {
    setCurrentNode(node);
    const own = terminals.find((terminal) => terminal.tab.node === node);
    if (own) setActive(own.id);
    else void openTerminal(node);
  };
  const saveRecording = async () => {
    const answer = await session.command({ type: "recording" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([String(answer.recording)], { type: "application/json" }));
    link.download = "drydock-session.json";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const loadRecording = async (file: File | undefined) => {
    if (!file) return;
    sessionStorage.setItem(recordingKey, await file.text());
    location.reload();
  };
  const newSession = (version: string) => {
    location.hash = version ? `version=${version}` : "";
    location.reload();
  };

  const drag = (event: PointerEvent) => {
    const area = splitter.current!.parentElement!.getBoundingClientRect();
    const move = (moved: PointerEvent) => setShare(Math.min(0.9, Math.max(0.08, (moved.clientY - area.top) / area.height)));
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    event.preventDefault();
  };

  const shown = terminals.find((terminal) => terminal.id === active);
  return (
    <div class="page">
      <aside class="sidebar">
        <h1>Drydock</h1>
        <ClockPanel
          clock={clock}
          started={options.start * 1000}
          onMode={(mode) => void session.command({ type: "clock", mode })}
          onStep={() => void session.command({ type: "step" })}
        />
        <button class="add-node" disabled={status !== "ready"} onClick={() => void addNode()}>+ Add new instance</button>
        <NodeList
          nodes={nodes}
          current={currentNode}
          onSelect={selectNode}
          onTerminal={(node) => void openTerminal(node)}
          onEdit={(node) => setEditing({ kind: "file", node, path: "/root/manifest.yaml" })}
          onDelete={(node) => void deleteNode(node)}
        />
        <footer>
          <button onClick={() => setEditing({ kind: "image" })} disabled={status !== "ready"}>New image</button>
          <button onClick={() => void saveRecording()} disabled={status !== "ready"}>Save session</button>
          <label class="file-button">
            Load session
            <input type="file" accept="application/json,.json" onChange={(event) => void loadRecording(event.currentTarget.files?.[0])} />
          </label>
          {versions.length > 0 && (
            <label>
              New session with{" "}
              <select value="" onChange={(event) => newSession(event.currentTarget.value)} aria-label="Kubernetes version of a new session">
                <option value="" disabled>version…</option>
                {versions.map((version) => <option key={version}>{version}</option>)}
              </select>
            </label>
          )}
          <a href="notices.html">Third-party notices</a>
        </footer>
      </aside>
      <main class="middle">
        <div class="picture" style={{ height: `${share * 100}%` }}>
          {pictureError ? <p class="hint">The picture cannot be drawn here: {pictureError}</p> : (
            <PictureCanvas picture={picture} onFailed={setPictureError} onCommand={(command) => command.open && selectNode(command.open)} />
          )}
        </div>
        <div class="splitter" ref={splitter} onPointerDown={drag} role="separator" aria-orientation="horizontal" aria-label="Resize the picture"
          tabIndex={0} onKeyDown={(event) => {
            if (event.key === "ArrowUp") setShare((value) => Math.max(0.08, value - 0.05));
            if (event.key === "ArrowDown") setShare((value) => Math.min(0.9, value + 0.05));
          }} />
        <div class="terminals">
          <nav class="tabs" role="tablist">
            {terminals.map(({ id, tab }) => (
              <span key={id} class={id === active ? "tab on" : "tab"}>
                <button role="tab" aria-selected={id === active} onClick={() => { setActive(id); setCurrentNode(tab.node); }}>{tab.title}</button>
                <button class="close" title={`Close ${tab.title}`} onClick={() => closeTerminal(id)}>×</button>
              </span>
            ))}
            {currentNode && <button class="tab-add" title={`New terminal on ${currentNode}`} onClick={() => void openTerminal(currentNode)}>+</button>}
          </nav>
          <div class="terminal-area">
            {shown ? <TerminalView key={shown.id} tab={shown.tab} /> : (
              <div class="welcome">
                {status === "loading" ? <p>Starting the core…</p> : status === "ready" ? (
                  <>
                    <p><strong>A whole Kubernetes, in this tab.</strong></p>
                    <p>Add an instance on the left, then type what any Kubernetes book says. A first road:</p>
                    <pre>{"kubeadm init --apiserver-advertise-address $(hostname -i)"}</pre>
                  </>
                ) : <p class="failed" role="alert">{status}</p>}
              </div>
            )}
          </div>
        </div>
        {editing && <Editor key={JSON.stringify(editing)} session={session} nodes={nodes.map((node) => node.name)} target={editing} onClose={() => setEditing(undefined)} />}
      </main>
    </div>
  );
}
