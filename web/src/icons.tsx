// The page's few icons: outlines in the text's colour.
import type { ComponentChildren } from "preact";

function Icon(props: { children: ComponentChildren }) {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {props.children}
    </svg>
  );
}

export const PauseIcon = () => <Icon><path d="M5.5 3v10M10.5 3v10" stroke-width="2.5" /></Icon>;
export const PlayIcon = () => <Icon><path d="M4.5 3v10l8-5z" fill="currentColor" /></Icon>;
export const StepIcon = () => <Icon><path d="M3.5 3v10l7-5zM12.5 3v10" /></Icon>;
export const CloseIcon = () => <Icon><path d="M4 4l8 8M12 4l-8 8" /></Icon>;
export const PlusIcon = () => <Icon><path d="M8 3v10M3 8h10" /></Icon>;
export const SearchIcon = () => <Icon><circle cx="7" cy="7" r="4" /><path d="M10 10l3.5 3.5" /></Icon>;
export const TerminalIcon = () => <Icon><path d="M2 3h12v10H2zM4.5 6l2.5 2-2.5 2M8.5 10.5H11" /></Icon>;
export const EditIcon = () => <Icon><path d="M3 13l1-3.5L11 2.5 13.5 5 6.5 12zM9.5 4l2.5 2.5" /></Icon>;
export const TrashIcon = () => <Icon><path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5" /></Icon>;
export const MenuIcon = () => <Icon><path d="M2.5 4h11M2.5 8h11M2.5 12h11" /></Icon>;
export const UpIcon = () => <Icon><path d="M4 10l4-4 4 4" /></Icon>;
export const DownIcon = () => <Icon><path d="M4 6l4 4 4-4" /></Icon>;
export const HelpIcon = () => <Icon><circle cx="8" cy="8" r="6" /><path d="M6.3 6.3a1.8 1.8 0 1 1 2.5 1.7c-.6.3-.8.6-.8 1.2M8 11.4v.1" /></Icon>;
// Where the picture is: above the terminals, beside them, nowhere.
export const AboveIcon = () => <Icon><rect x="2" y="2.5" width="12" height="11" rx="1.5" /><path d="M2 8h12" /><path d="M3 4h10v3H3z" fill="currentColor" stroke="none" /></Icon>;
export const BesideIcon = () => <Icon><rect x="2" y="2.5" width="12" height="11" rx="1.5" /><path d="M8 2.5v11" /><path d="M9 4h4v8H9z" fill="currentColor" stroke="none" /></Icon>;
export const HiddenIcon = () => <Icon><rect x="2" y="2.5" width="12" height="11" rx="1.5" /></Icon>;
