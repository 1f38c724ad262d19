import "@xterm/xterm/css/xterm.css";
import "./page.css";

import { render } from "preact";

import { App } from "./app";

render(<App />, document.getElementById("app")!);
