// The bar between the picture and the terminals: dragged, moved with the arrow keys,
// and put back by a double click or Home.
import { useRef } from "preact/hooks";

const least = 0.08;
const most = 0.92;
const keyStep = 0.04;

export function Splitter(props: { vertical: boolean; share: number; usual: number; onShare(share: number): void }) {
  const bar = useRef<HTMLDivElement>(null);
  const { vertical, share, usual } = props;
  const set = (value: number) => props.onShare(Math.min(most, Math.max(least, value)));

  const drag = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const element = bar.current!;
    const area = element.parentElement!.getBoundingClientRect();
    element.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) =>
      set(vertical ? (moved.clientX - area.left) / area.width : (moved.clientY - area.top) / area.height);
    const end = () => {
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", end);
      element.removeEventListener("pointercancel", end);
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", end);
    element.addEventListener("pointercancel", end);
  };
  const press = (event: KeyboardEvent) => {
    const [less, more] = vertical ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (event.key === less) set(share - keyStep);
    else if (event.key === more) set(share + keyStep);
    else if (event.key === "Home") set(usual);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={bar}
      class={vertical ? "splitter vertical" : "splitter"}
      role="separator"
      tabIndex={0}
      aria-label="Size of the picture"
      aria-orientation={vertical ? "vertical" : "horizontal"}
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={least * 100}
      aria-valuemax={most * 100}
      title="Drag to resize; double-click to reset"
      onPointerDown={drag}
      onDblClick={() => set(usual)}
      onKeyDown={press}
    />
  );
}
