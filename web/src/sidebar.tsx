// Left: the session's clock, its controls, and the list of nodes.
import type { ClockMode, NodeInfo, Outputs } from "./protocol";
import { formatBytes, formatClock, formatElapsed } from "./options";

const modes: { mode: ClockMode; label: string; title: string }[] = [
  { mode: "auto", label: "auto", title: "Real pace while nobody waits, fast while a command is working" },
  { mode: "1x", label: "1×", title: "Real pace" },
  { mode: "10x", label: "10×", title: "Ten times as fast" },
  { mode: "100x", label: "100×", title: "A hundred times as fast" },
  { mode: "max", label: "max", title: "As fast as this device can" },
];

export function ClockPanel(props: { clock: Outputs["clock"]; started: number; onMode(mode: ClockMode): void; onStep(): void }) {
  const { clock } = props;
  const paused = clock.mode === "pause";
  return (
    <section class="clock" aria-label="Clock">
      <div class="clock-face" title="Time inside the session (UTC)">
        <span class="clock-elapsed">{formatElapsed(clock.now - props.started)}</span>
        <span class="clock-now">{formatClock(clock.now)} UTC{clock.working && !paused ? " · working" : ""}</span>
      </div>
      <div class="clock-buttons" role="group" aria-label="Speed">
        <button class={paused ? "on" : ""} title={paused ? "Go on" : "Pause"} aria-pressed={paused} onClick={() => props.onMode(paused ? "auto" : "pause")}>
          {paused ? "▶" : "❚❚"}
        </button>
        <button title="One event further" disabled={!paused} onClick={props.onStep}>step</button>
        {modes.map(({ mode, label, title }) => (
          <button key={mode} class={clock.mode === mode ? "on" : ""} aria-pressed={clock.mode === mode} title={title} onClick={() => props.onMode(mode)}>
            {label}
          </button>
        ))}
      </div>
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
    return <p class="hint">A session starts empty. Add an instance: a machine with kubeadm, kubectl and a shell.</p>;
  }
  return (
    <ul class="nodes">
      {props.nodes.map((node) => (
        <li key={node.name} class={node.name === props.current ? "current" : ""}>
          <button class="node-name" onClick={() => props.onSelect(node.name)}>
            <span class={`state ${node.state || "none"}`} title={node.state || "not in a cluster"} />
            <strong>{node.name}</strong>
            <span class="address">{node.address}</span>
            {node.role && <span class="role">{node.role}</span>}
          </button>
          <div class="node-facts">
            <span title="Memory in use">{formatBytes(node.memoryUsed)} / {formatBytes(node.memoryBytes)}</span>
            <span>{node.cpus} CPU</span>
            {node.version && <span>{node.version}</span>}
          </div>
          {node.name === props.current && (
            <div class="node-buttons">
              <button onClick={() => props.onTerminal(node.name)}>New terminal</button>
              <button onClick={() => props.onEdit(node.name)}>Edit a file</button>
              <button class="danger" onClick={() => props.onDelete(node.name)}>Delete</button>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
