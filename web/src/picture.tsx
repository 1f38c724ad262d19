// The Dear ImGui view in its canvas: a second WASM module that draws the feed. It
// draws only when there is something new: after a feed, an input, or while it moves.
import { useEffect, useRef, useState } from "preact/hooks";

interface UiModule {
  HEAPU8: Uint8Array;
  UTF8ToString(pointer: number): string;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _ui_open(width: number, height: number, scale: number): number;
  _ui_resize(width: number, height: number, scale: number): void;
  _ui_feed(bytes: number, length: number): void;
  // 0: rest, 1: again at half the screen's pace, 2: again with the next frame.
  _ui_frame(): number;
  // Pictures drawn so far.
  _ui_drawn(): number;
  _ui_press(key: number): void;
  _ui_restore(): void;
  _ui_commands(): number;
  _ui_summary(): number;
  _ui_text(): number;
}

export type ViewCommand = { open?: string };

// The numbers of drydock::ui::Key (ui/app.h).
const keys: Record<string, number> = {
  ArrowLeft: 0, ArrowRight: 1, ArrowUp: 2, ArrowDown: 3, "+": 4, "=": 4, "-": 5, "0": 6, ".": 7, ",": 8, Enter: 9, Escape: 10,
};
const summaryEveryMs = 2000;

export class Picture {
  onCommand: (command: ViewCommand) => void = () => undefined;
  onSummary: (summary: string) => void = () => undefined;
  private module?: UiModule;
  // Called when the picture's module may load: until then it leaves the processor to the core's.
  begin: () => void = () => undefined;
  private begun = new Promise<void>((resolve) => (this.begin = resolve));
  // Feeds that arrive before the module is there are kept.
  private early: ArrayBuffer[] = [];
  private scheduled = 0;
  private lastSummary = 0;

  async open(canvas: HTMLCanvasElement): Promise<string | undefined> {
    await this.begun;
    // @ts-expect-error built beside this file
    const factory = (await import("./drydock_ui.mjs")).default as (options: object) => Promise<UiModule>;
    const module = await factory({ canvas });
    const box = canvas.parentElement!.getBoundingClientRect();
    if (!module._ui_open(Math.max(1, box.width), Math.max(1, box.height), devicePixelRatio)) return module.UTF8ToString(module._ui_text());
    this.module = module;
    for (const bytes of this.early.splice(0)) this.feed(bytes);
    this.wake();
    return undefined;
  }

  feed(bytes: ArrayBuffer) {
    const module = this.module;
    if (!module) {
      this.early.push(bytes);
      return;
    }
    const pointer = module._malloc(bytes.byteLength);
    module.HEAPU8.set(new Uint8Array(bytes), pointer);
    module._ui_feed(pointer, bytes.byteLength);
    module._free(pointer);
    this.wake();
  }

  resize(width: number, height: number) {
    this.module?._ui_resize(width, height, devicePixelRatio);
    this.wake();
  }

  // Pictures drawn so far, for tests and the bench.
  get frames(): number {
    return this.module?._ui_drawn() ?? 0;
  }

  // What the picture shows, in words.
  get summary(): string {
    return this.module ? this.module.UTF8ToString(this.module._ui_summary()) : "";
  }

  // True when the picture has a use for the key.
  press(key: string): boolean {
    const number = keys[key];
    if (number === undefined || !this.module) return false;
    this.module._ui_press(number);
    this.wake();
    return true;
  }

  restore() {
    this.module?._ui_restore();
    this.wake();
  }

  // Draws with the screen's next frame, if there is anything new.
  wake = () => {
    if (!this.scheduled && this.module) this.scheduled = requestAnimationFrame(this.draw);
  };

  private draw = (now: number) => {
    this.scheduled = 0;
    const module = this.module!;
    const next = module._ui_frame();
    if (next === 2) this.wake();
    else if (next === 1) this.scheduled = requestAnimationFrame(() => (this.scheduled = requestAnimationFrame(this.draw)));
    for (const command of JSON.parse(module.UTF8ToString(module._ui_commands())) as ViewCommand[]) this.onCommand(command);
    if (now - this.lastSummary > summaryEveryMs) {
      this.lastSummary = now;
      this.onSummary(this.summary);
    }
  };
}

const wakingEvents = ["pointermove", "pointerdown", "pointerup", "pointerleave", "pointerenter", "wheel", "touchstart", "touchmove", "touchend"] as const;

export function PictureCanvas(props: { picture: Picture; onCommand(command: ViewCommand): void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { picture } = props;
  const [failure, setFailure] = useState("");
  const [summary, setSummary] = useState("");
  picture.onCommand = props.onCommand;

  useEffect(() => {
    const element = canvas.current!;
    picture.onSummary = setSummary;
    picture.open(element).then(
      (reason) => reason && setFailure(reason),
      (error) => setFailure(String(error)),
    );
    const resize = () => {
      const box = element.parentElement!.getBoundingClientRect();
      if (box.width >= 1 && box.height >= 1) picture.resize(Math.floor(box.width), Math.floor(box.height));
    };
    const observer = new ResizeObserver(resize);
    observer.observe(element.parentElement!);
    for (const name of wakingEvents) element.addEventListener(name, picture.wake, { passive: true });
    // A drag that ends outside of the canvas ends there too.
    addEventListener("pointerup", picture.wake);
    const lost = (event: Event) => event.preventDefault();
    element.addEventListener("webglcontextlost", lost);
    element.addEventListener("webglcontextrestored", () => picture.restore());
    // The device pixel ratio changes with the browser's zoom and with the screen.
    let density: MediaQueryList | undefined;
    const watchDensity = () => {
      density?.removeEventListener("change", watchDensity);
      density = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
      density.addEventListener("change", watchDensity);
      resize();
    };
    watchDensity();
    return () => {
      observer.disconnect();
      removeEventListener("pointerup", picture.wake);
      density?.removeEventListener("change", watchDensity);
    };
  }, []);

  return (
    <>
      <canvas
        id="canvas"
        class="picture-canvas"
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={`Picture of the cluster. ${summary}`}
        aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown + - 0 . , Enter Escape"
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if (!event.ctrlKey && !event.altKey && !event.metaKey && picture.press(event.key)) event.preventDefault();
        }}
      />
      {failure && (
        <div class="picture-failure" role="alert">
          <p><strong>The picture cannot be drawn here.</strong> The terminals work without it.</p>
          <p class="dim">{failure}. It needs WebGL 2: see whether hardware acceleration is switched on.</p>
        </div>
      )}
    </>
  );
}
