// The Dear ImGui view in its canvas: a second WASM module that draws the feed.
import { useEffect, useRef } from "preact/hooks";

interface UiModule {
  HEAPU8: Uint8Array;
  UTF8ToString(pointer: number): string;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _ui_open(width: number, height: number, scale: number): number;
  _ui_resize(width: number, height: number, scale: number): void;
  _ui_feed(bytes: number, length: number): void;
  _ui_commands(): number;
  _ui_text(): number;
}

export type ViewCommand = { open?: string };

// Feeds that arrive before the module is there are kept.
export class Picture {
  private module?: UiModule;
  private early: ArrayBuffer[] = [];

  async open(canvas: HTMLCanvasElement): Promise<string | undefined> {
    // @ts-expect-error built beside this file
    const factory = (await import("./drydock_ui.mjs")).default as (options: object) => Promise<UiModule>;
    const module = await factory({ canvas });
    const box = canvas.parentElement!.getBoundingClientRect();
    if (!module._ui_open(box.width, box.height, 1)) return module.UTF8ToString(module._ui_text());
    this.module = module;
    for (const bytes of this.early.splice(0)) this.feed(bytes);
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
  }

  resize(width: number, height: number) {
    this.module?._ui_resize(width, height, 1);
  }

  commands(): ViewCommand[] {
    if (!this.module) return [];
    return JSON.parse(this.module.UTF8ToString(this.module._ui_commands())) as ViewCommand[];
  }
}

export function PictureCanvas(props: { picture: Picture; onCommand(command: ViewCommand): void; onFailed(reason: string): void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    let closed = false;
    props.picture.open(element).then(
      (reason) => reason && props.onFailed(reason),
      (error) => props.onFailed(String(error)),
    );
    const observer = new ResizeObserver((entries) => {
      const box = entries[0]!.contentRect;
      props.picture.resize(Math.max(1, Math.floor(box.width)), Math.max(1, Math.floor(box.height)));
    });
    observer.observe(element.parentElement!);
    const timer = setInterval(() => {
      if (!closed) props.picture.commands().forEach(props.onCommand);
    }, 100);
    return () => {
      closed = true;
      clearInterval(timer);
      observer.disconnect();
    };
  }, []);
  return <canvas id="canvas" class="picture-canvas" ref={canvas} tabIndex={0} aria-label="Picture of the cluster" onContextMenu={(event) => event.preventDefault()} />;
}
