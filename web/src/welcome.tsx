// What a person reads before there is a terminal, and the keys.

const road = [
  "kubeadm init --apiserver-advertise-address $(hostname -i)",
  "mkdir -p $HOME/.kube && cp -i /etc/kubernetes/admin.conf $HOME/.kube/config",
  'kubectl apply -n kube-system -f "https://cloud.weave.works/k8s/net?k8s-version=$(kubectl version | base64 | tr -d \'\\n\')"',
  "kubectl create deployment web --image=nginx --replicas=3",
];

export function Welcome(props: { loading: boolean; replaying: boolean; ready: boolean; empty: boolean; live: boolean; onAdd(): void }) {
  if (props.loading) return <div class="welcome"><p class="dim" role="status">{props.replaying ? "Playing the recording: what was typed runs again…" : props.live ? "Connecting to the cluster…" : "Starting the core…"}</p></div>;
  if (!props.ready) return <div class="welcome" />;
  if (!props.empty) return <div class="welcome"><p class="dim">Choose an instance on the left to open a terminal on it.</p></div>;
  if (props.live) {
    return (
      <div class="welcome">
        <h2>A served cluster</h2>
        <p>This page is attached to the cluster that <code>drydock serve</code> runs. It has no machine yet: one that you add joins it by itself.</p>
        <button class="primary" onClick={props.onAdd}>+ Add new instance</button>
      </div>
    );
  }
  return (
    <div class="welcome">
      <h2>A whole Kubernetes, in this tab</h2>
      <p>
        Add an instance, then type what any Kubernetes book says: machines, <code>kubeadm</code>, <code>kubectl</code>, pods and
        their network all run here, with no server behind them.
      </p>
      <button class="primary" onClick={props.onAdd}>+ Add new instance</button>
      <p class="dim">A first road, on node1:</p>
      <ol class="road">{road.map((line) => <li key={line}><code>{line}</code></li>)}</ol>
      <p class="dim">Add more instances and type the <code>kubeadm join …</code> that <code>init</code> prints to make them workers.</p>
    </div>
  );
}

const keys: [string, string][] = [
  ["Ctrl+C", "Interrupt; with a selection, copy it"],
  ["Ctrl+Shift+C, Ctrl+Insert", "Copy"],
  ["Ctrl+V, Ctrl+Shift+V, Shift+Insert", "Paste"],
  ["Ctrl+Shift+F", "Find in the terminal"],
  ["Ctrl+F6", "Leave the terminal, to the button that adds instances"],
  ["← → on a tab", "Other terminals; Delete closes one"],
  ["← → ↑ ↓ in the picture", "Move it; + and - zoom, 0 shows everything"],
  [". and , in the picture", "Select the next or previous thing; Enter opens its terminal, Esc lets go"],
  ["Arrow keys on the splitter", "Resize; Home or a double click resets"],
  ["Ctrl+S in the editor", "Save"],
];

export function Help() {
  return (
    <div class="help">
      <table>
        <tbody>{keys.map(([key, what]) => <tr key={key}><th scope="row">{key}</th><td>{what}</td></tr>)}</tbody>
      </table>
      <p class="dim">
        In the picture: scroll to zoom, drag to move, click for details, double-click a machine for its terminal. With the
        clock on auto, time runs at real pace while you read and faster while a command works.
      </p>
    </div>
  );
}
