// The page: nodes on the left, the picture and the terminals in the middle.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import { attachToken } from "./attached";
import { Dialog, useQuestion } from "./dialog";
import type { Editor as EditorType, EditTarget } from "./editor";
import { AboveIcon, BesideIcon, HelpIcon, HiddenIcon, MenuIcon, PlusIcon, SearchIcon } from "./icons";
import { judgeLink } from "./links";
import { keepForOffline } from "./offline";
import { sessionOptions } from "./options";
import { Picture, PictureCanvas } from "./picture";
import type { NodeInfo, OpenTerminal, Outputs } from "./protocol";
import { keepRecording, saveAsFile, takeRecording } from "./recording";
import { Session } from "./session";
import { isPlace, isShare, useMedia, useSetting, type Place } from "./settings";
import { ClockPanel, NodeList } from "./sidebar";
import { Splitter } from "./splitter";
import { SearchBar, Tabs, type OpenTab } from "./tabs";
import { TerminalTab, TerminalView } from "./terminal";
import { Help, Welcome } from "./welcome";

declare global {
  interface Window {
    // For tests and the curious: the running session.
    drydock?: { session: Session; terminals: Map<number, TerminalTab>; picture: Picture };
  }
}

type Status = { kind: "loading" | "ready" } | { kind: "failed" | "crashed"; reason: string; detail?: string };

const usualShare = { above: 0.46, beside: 0.5, hidden: 0 };
const places: { place: Place; title: string; icon: () => preact.JSX.Element }[] = [
  { place: "above", title: "Picture above the terminals", icon: AboveIcon },
  { place: "beside", title: "Picture beside the terminals", icon: BesideIcon },
  { place: "hidden", title: "No picture", icon: HiddenIcon },
];
const noticeMs = 6000;
// Preparing a canvas can hold the page for a second (WebGL without a graphics card): a
// first prompt comes before it, if somebody asks for one at once.
const pictureWaitMs = 1000;
const promptMs = 300;

export function App() {
  const options = useMemo(() => sessionOptions(location.hash), []);
  const picture = useMemo(() => new Picture(), []);
  const [status, setStatus] = useState<Status>({ kind: "loading" });
  const [nodes, setNodes] = useState<NodeInfo[]>([]);
  const [versions, setVersions] = useState<string[]>([]);
  const [clock, setClock] = useState<Outputs["clock"]>({ now: options.start * 1000, mode: "auto", rate: 1, working: false });
  const [started, setStarted] = useState(options.start * 1000);
  // Attached to a cluster that `drydock serve` runs.
  const [live, setLive] = useState(attachToken(location.hash) !== undefined);
  const [currentNode, setCurrentNode] = useState("");
  const [terminals, setTerminals] = useState<OpenTab[]>([]);
  const [active, setActive] = useState(0);
  const [editing, setEditing] = useState<EditTarget>();
  const [Editor, setEditor] = useState<typeof EditorType>();
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const [notice, setNotice] = useState("");
  const [chosenPlace, setPlace] = useSetting<Place>("place", "above", isPlace);
  // Side by side needs width.
  const narrow = useMedia("(max-width: 760px)");
  const place = narrow && chosenPlace === "beside" ? "above" : chosenPlace;
  const [shareAbove, setShareAbove] = useSetting("share.above", usualShare.above, isShare);
  const [shareBeside, setShareBeside] = useSetting("share.beside", usualShare.beside, isShare);
  const { ask, question } = useQuestion();
  const tabs = useRef(new Map<number, TerminalTab>());
  const counts = useRef(new Map<string, number>());
  // Output of terminals whose tab is not there yet.
  const early = useRef(new Map<number, string[]>());
  const [, redraw] = useState(0);
  const ready = status.kind === "ready";
  // The editor is the page's largest part: it comes when it is wanted.
  useEffect(() => {
    if (!editing || Editor) return;
    import("./editor").then(
      (part) => setEditor(() => part.Editor),
      (error) => setNotice(`The editor could not be loaded: ${String(error)}`),
    );
  }, [editing]);
  const share = place === "above" ? shareAbove : shareBeside;
  const setShare = place === "above" ? setShareAbove : setShareBeside;

  const say = useCallback((text: string) => setNotice(text), []);
  useEffect(() => {
    if (!notice) return undefined;
    const timer = setTimeout(() => setNotice(""), noticeMs);
    return () => clearTimeout(timer);
  }, [notice]);

  const recording = useMemo(takeRecording, []);
  const session = useMemo(
    () => {
      let prompted = false;
      return new Session(
        options,
        {
          onReady: (offered, restored, began, isLive) => {
            setVersions(offered);
            setLive(isLive);
            setStarted(began);
            setStatus({ kind: "ready" });
            restored.forEach(restore);
            setTimeout(picture.begin, pictureWaitMs);
            if (!isLive) keepForOffline();
          },
          onFailed: (reason) => setStatus({ kind: "failed", reason }),
          onCrashed: (reason, detail) => setStatus({ kind: "crashed", reason, detail }),
          onFeed: (bytes) => picture.feed(bytes),
          onOutputs: (outputs) => {
            if (outputs.terminals.length > 0 && !prompted) {
              prompted = true;
              setTimeout(picture.begin, promptMs);
            }
            for (const { terminal, data } of outputs.terminals) {
              const tab = tabs.current.get(terminal);
              if (tab) tab.xterm.write(data);
              else early.current.set(terminal, [...(early.current.get(terminal) ?? []), data]);
            }
            for (const id of outputs.closed) {
              const tab = tabs.current.get(id);
              if (!tab) continue;
              tab.ended = true;
              tab.xterm.write("\r\n\x1b[2m[this terminal has ended]\x1b[0m\x1b[?25l\r\n");
              redraw((count) => count + 1);
            }
            if (outputs.nodes) setNodes(outputs.nodes);
            setClock(outputs.clock);
          },
        },
        recording,
      );
    },
    [],
  );

  useEffect(() => {
    window.drydock = { session, terminals: tabs.current, picture };
    return () => session.end();
  }, [session]);

  // Ctrl+W takes a word away in a shell, and a tab in a browser: the session is not lost without a question.
  const leaving = useRef(false);
  const losing = nodes.length > 0 && ready && !live;
  useEffect(() => {
    if (!losing) return undefined;
    const guard = (event: BeforeUnloadEvent) => {
      if (!leaving.current) event.preventDefault();
    };
    addEventListener("beforeunload", guard);
    return () => removeEventListener("beforeunload", guard);
  }, [losing]);
  const restart = () => {
    leaving.current = true;
    location.reload();
  };

  const openLink = (text: string) => {
    const link = judgeLink(text);
    if (link.kind === "open") window.open(link.address, "_blank", "noopener,noreferrer");
    else if (link.kind === "inside") say(`${link.host} is inside this session: ask it with curl from a node or a pod.`);
  };
  // Puts a terminal of the core into a tab of its own.
  const addTab = (id: number, node: string, size?: { columns: number; rows: number }) => {
    const number = (counts.current.get(node) ?? 0) + 1;
    counts.current.set(node, number);
    const tab = new TerminalTab(node, number === 1 ? node : `${node} (${number})`, size);
    tabs.current.set(id, tab);
    for (const data of early.current.get(id) ?? []) tab.xterm.write(data);
    early.current.delete(id);
    tab.connect({
      onInput: (data) => void session.command({ type: "input", terminal: id, data }),
      onResize: (columns, rows) => void session.command({ type: "resize", terminal: id, columns, rows }),
      onLink: openLink,
      onSearch: () => setSearching(true),
      onLeave: () => document.querySelector<HTMLElement>(".add-node")?.focus(),
    });
    setTerminals((open) => [...open, { id, tab }]);
    setActive(id);
    setCurrentNode(node);
  };
  const restore = (terminal: OpenTerminal) => addTab(terminal.terminal, terminal.node, terminal);

  const openTerminal = async (node: string) => {
    const answer = await session.command({ type: "openTerminal", node, columns: 80, rows: 24 });
    if (answer.error) return say(String(answer.error));
    addTab(Number(answer.terminal), node);
    setDrawer(false);
  };
  const addNode = async () => {
    const answer = await session.command({ type: "addNode" });
    if (answer.error) say(String(answer.error));
    if (answer.node) await openTerminal(String(answer.node));
  };
  const edit = (target: EditTarget) => {
    setEditing(target);
    setDrawer(false);
  };
  const closeTerminal = (id: number) => {
    const tab = tabs.current.get(id);
    if (!tab) return;
    if (!tab.ended) void session.command({ type: "closeTerminal", terminal: id });
    tab.xterm.dispose();
    tabs.current.delete(id);
    if (![...tabs.current.values()].some((other) => other.node === tab.node)) counts.current.delete(tab.node);
    setTerminals((open) => {
      const at = open.findIndex((terminal) => terminal.id === id);
      const left = open.filter((terminal) => terminal.id !== id);
      setActive((shownId) => (shownId === id ? (left[Math.min(at, left.length - 1)]?.id ?? 0) : shownId));
      return left;
    });
  };
  const deleteNode = async (node: string) => {
    if (!(await ask(`Delete ${node}?`, `${node} is switched off and gone, with its files and everything that runs on it. A cluster it belongs to sees it fail.`, "Delete", true))) return;
    const answer = await session.command({ type: "deleteNode", node });
    if (answer.error) return say(String(answer.error));
    for (const [id, tab] of [...tabs.current]) if (tab.node === node) closeTerminal(id);
    const [next] = tabs.current.values();
    setCurrentNode((name) => (name === node ? (next?.node ?? "") : name));
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".terminal-area textarea")?.focus());
  };
  const show = (id: number) => {
    setActive(id);
    const tab = tabs.current.get(id);
    if (tab) setCurrentNode(tab.node);
  };
  const selectNode = (node: string) => {
    setCurrentNode(node);
    const shownTab = tabs.current.get(active);
    const own = [...tabs.current].find(([, tab]) => tab.node === node && !tab.ended);
    if (shownTab?.node === node) shownTab.xterm.focus();
    else if (own) setActive(own[0]);
    else void openTerminal(node);
    setDrawer(false);
  };
  const saveSession = async () => {
    const answer = await session.command({ type: "recording" });
    if (answer.error || typeof answer.recording !== "string") say(`The recording cannot be saved: ${String(answer.error)}`);
    else saveAsFile(answer.recording);
  };
  const loadSession = async (file: File | undefined) => {
    if (!file) return;
    if (nodes.length > 0 && !(await ask("Load a session?", "The present session ends. Save it first if you want to come back to it.", "Load"))) return;
    const problem = keepRecording(await file.text());
    if (problem) say(problem);
    else restart();
  };
  const newSession = async (version: string) => {
    if (nodes.length > 0 && !(await ask("Start a new session?", "The present session ends. Save it first if you want to come back to it.", "Start"))) return;
    history.replaceState(null, "", version ? `#version=${version}` : location.pathname + location.search);
    restart();
  };

  const shown = terminals.find((terminal) => terminal.id === active);
  return (
    <div class={drawer ? "page drawer-open" : "page"}>
      <header class="topbar">
        <button class="plain" aria-label="Instances and clock" aria-expanded={drawer} onClick={() => setDrawer(!drawer)}><MenuIcon /></button>
        <strong>Drydock</strong>
        <button class="primary" disabled={!ready} onClick={() => void addNode()}>+ Instance</button>
      </header>
      {drawer && <div class="backdrop" onClick={() => setDrawer(false)} />}
      <aside class="sidebar" aria-label="Session">
        <h1><img src="icon.svg" alt="" width="26" height="26" /> Drydock</h1>
        <ClockPanel
          clock={clock}
          started={started}
          ready={ready}
          live={live}
          onMode={(mode) => void session.command({ type: "clock", mode })}
          onStep={() => void session.command({ type: "step" })}
        />
        <button class="add-node primary" disabled={!ready} onClick={() => void addNode()}>+ Add new instance</button>
        <NodeList
          nodes={nodes}
          current={currentNode}
          onSelect={selectNode}
          onTerminal={(node) => void openTerminal(node)}
          onEdit={(node) => edit({ kind: "file", node, path: "/root/manifest.yaml" })}
          onDelete={(node) => void deleteNode(node)}
        />
        <footer class="session-menu">
          <button class="new-image" onClick={() => edit({ kind: "image" })} disabled={!ready} title="Define an image that pods can use">New image</button>
          {!live && <button class="save-session" onClick={() => void saveSession()} disabled={status.kind === "loading" || status.kind === "failed"} title="Download the session as a recording">Save session</button>}
          {!live && <label class="file-button" title="Go on with a recording">
            Load session
            <input type="file" accept="application/json,.json" onChange={(event) => {
              void loadSession(event.currentTarget.files?.[0]);
              event.currentTarget.value = "";
            }} />
          </label>}
          {versions.length > 0 && (
            <select class="new-session" value="" onChange={(event) => {
              const version = event.currentTarget.value;
              event.currentTarget.value = "";
              void newSession(version);
            }} aria-label="New session with a Kubernetes version" title="New session with a Kubernetes version">
              <option value="" disabled>New session…</option>
              {versions.map((version) => <option key={version} value={version}>Kubernetes {version}</option>)}
            </select>
          )}
          <a href="notices.html" target="_blank" rel="noopener">Third-party notices</a>
        </footer>
      </aside>
      <main class={`middle ${place}`}>
        <div class="picture" style={place === "hidden" ? { display: "none" } : { flexBasis: `${share * 100}%` }}>
          <PictureCanvas picture={picture} onCommand={(command) => command.open && selectNode(command.open)} />
        </div>
        {place !== "hidden" && <Splitter vertical={place === "beside"} share={share} usual={usualShare[place]} onShare={setShare} />}
        <section class="terminals" aria-label="Terminals">
          <div class="tab-bar">
            <Tabs open={terminals} active={active} addOn={currentNode} onShow={show} onClose={closeTerminal} onAdd={(node) => void openTerminal(node)} />
            <div class="tab-tools">
              <button class="plain" title="Find in the terminal (Ctrl+Shift+F)" aria-label="Find in the terminal" disabled={!shown} onClick={() => setSearching(true)}><SearchIcon /></button>
              <div class="segments places" role="group" aria-label="Where the picture is">
                {places.map(({ place: which, title, icon: Icon }) => (
                  <button key={which} class={place === which ? "on" : ""} aria-pressed={place === which} title={title} aria-label={title} onClick={() => setPlace(which)}><Icon /></button>
                ))}
              </div>
              <button class="plain" title="Keys and hints" aria-label="Keys and hints" onClick={() => setHelping(true)}><HelpIcon /></button>
            </div>
          </div>
          {searching && shown && <SearchBar key={shown.id} tab={shown.tab} onClose={() => setSearching(false)} />}
          <div class="terminal-area" id="terminal-panel" role={shown ? "tabpanel" : undefined} aria-labelledby={shown ? `tab-${shown.id}` : undefined}>
            {shown ? <TerminalView key={shown.id} tab={shown.tab} /> : (
              <Welcome loading={status.kind === "loading"} replaying={recording !== undefined} ready={ready} empty={nodes.length === 0} live={live} onAdd={() => void addNode()} />
            )}
          </div>
        </section>
      </main>
      {(status.kind === "failed" || status.kind === "crashed") && (
        <div class="failure" role="alert">
          <p><strong>{status.reason}</strong></p>
          {status.detail && <p class="dim">{status.detail}</p>}
          {status.kind === "crashed" && <p>Nothing runs any more, but what you did is recorded: save it and load it again to see how far it goes, or start anew.</p>}
          <div class="dialog-buttons">
            {status.kind === "crashed" && <button onClick={() => void saveSession()}>Save the recording</button>}
            <button class="primary" onClick={restart}>{live ? "Connect again" : <><PlusIcon /> Start a new session</>}</button>
          </div>
        </div>
      )}
      {notice && <div class="notice" role="status">{notice}</div>}
      {editing && Editor && (
        <Editor key={JSON.stringify(editing)} session={session} nodes={nodes.map((node) => node.name)} target={editing}
          onClose={() => setEditing(undefined)} onAsk={ask} />
      )}
      {helping && <Dialog title="Keys and hints" onClose={() => setHelping(false)}><Help /></Dialog>}
      {question}
    </div>
  );
}
