// Left: the session's clock, its controls, and the list of nodes.
import { EditIcon, PauseIcon, PlayIcon, StepIcon, TerminalIcon, TrashIcon } from "./icons";
import { formatBytes, formatClock, formatElapsed } from "./options";
import type { ClockMode, NodeInfo, Outputs } from "./protocol";

const modes: { mode: ClockMode; label: string; title: string }[] = [
  { mode: "auto", label: "auto", title: "Real pace while nobody waits, fast while a command is working" },
  { mode: "1x", label: "1×", title: "Real pace" },
  { mode: "10x", label: "10×", title: "Ten times as fast" },
  { mode: "100x", label: "100×", title: "A hundred times as fast" },
  { mode: "max", label: "max", title: "As fast as this device can" },
];

export function ClockPanel(props: {
  clock: Outputs["clock"];
  started: number;
  ready: boolean;
  live: boolean;
  onMode(mode: ClockMode): void;
  onStep(): void;
}) {
  const { clock, ready, live } = props;
  const paused = clock.mode === "pause";
  const state = !ready ? "starting" : live ? "live" : paused ? "paused" : clock.working && clock.rate > 1 ? `working, ${Math.round(clock.rate)}×` : clock.working ? "working" : "";
  return (
    <section class="clock" aria-label="Session clock">
      <div class="clock-face" title={live ? "How long the server has been running, and its time of day (UTC)" : "Time inside the session, and its time of day (UTC)"}>
        <span class="clock-elapsed" role="timer" aria-live="off">{formatElapsed(clock.now - props.started)}</span>
        <span class="clock-side">
          <span class="clock-now">{formatClock(clock.now)}</span>
          <span class={paused ? "clock-state paused" : "clock-state"}>{state}</span>
        </span>
      </div>
      {!live && <div class="clock-buttons">
        <button class={paused ? "square on" : "square"} title={paused ? "Go on" : "Pause the session"} aria-label={paused ? "Go on" : "Pause"} disabled={!ready}
          onClick={() => props.onMode(paused ? "auto" : "pause")}>
          {paused ? <PlayIcon /> : <PauseIcon />}
        </button>
        <button class="square" title="One event further (while paused)" aria-label="Step" disabled={!ready || !paused} onClick={props.onStep}><StepIcon /></button>
        <div class="segments" role="group" aria-label="Speed">
          {modes.map(({ mode, label, title }) => (
            <button key={mode} class={clock.mode === mode ? "on" : ""} aria-pressed={clock.mode === mode} title={title} disabled={!ready}
              onClick={() => props.onMode(mode)}>
              {label}
            </button>
          ))}
        </div>
      </div>}
    </section>
  );
}

export function NodeList(props: {
  nodes: NodeInfo[];
  current: string;
  onSelect(node: string): void;
  onTerminal(node: string): void;
  onEdit(node: string): void;
  onDelete(node: string): void;
}) {
  if (props.nodes.length === 0) {
    return <p class="hint">No instances yet. Each one you add is a machine with a shell, kubeadm and kubectl.</p>;
  }
  return (
    <ul class="nodes" aria-label="Instances">
      {props.nodes.map((node) => (
        <NodeCard key={node.name} {...props} node={node} current={node.name === props.current} />
      ))}
    </ul>
  );
}

function NodeCard(props: {
  node: NodeInfo;
  current: boolean;
  onSelect(node: string): void;
  onTerminal(node: string): void;
  onEdit(node: string): void;
  onDelete(node: string): void;
}) {
  const { node } = props;
  const used = Math.min(1, node.memoryUsed / node.memoryBytes);
  const state = node.state || "not in a cluster";
  return (
    <li class={props.current ? "node current" : "node"}>
      <button class="node-name" aria-current={props.current} onClick={() => props.onSelect(node.name)} title={`${node.name}: ${state}`}>
        <span class={`state ${node.state || "none"}`} role="img" aria-label={state} />
        <strong>{node.name}</strong>
        <span class="address">{node.address}</span>
        {node.role && <span class={`role ${node.role}`}>{node.role}</span>}
      </button>
      <div class="node-facts">
        <span class="memory" title={`${formatBytes(node.memoryUsed)} of ${formatBytes(node.memoryBytes)} memory in use`}>
          <span class="memory-bar"><span style={{ width: `${Math.round(used * 100)}%` }} class={used > 0.85 ? "full" : ""} /></span>
          {formatBytes(node.memoryUsed)} / {formatBytes(node.memoryBytes)}
        </span>
        <span>{node.cpus} CPU</span>
        {node.version && <span>{node.version}</span>}
      </div>
      <div class="node-buttons">
        <button class="plain" title={`New terminal on ${node.name}`} aria-label={`New terminal on ${node.name}`} onClick={() => props.onTerminal(node.name)}><TerminalIcon /></button>
        <button class="plain" title={`Edit a file on ${node.name}`} aria-label={`Edit a file on ${node.name}`} onClick={() => props.onEdit(node.name)}><EditIcon /></button>
        <button class="plain danger" title={`Delete ${node.name}`} aria-label={`Delete ${node.name}`} onClick={() => props.onDelete(node.name)}><TrashIcon /></button>
      </div>
    </li>
  );
}
