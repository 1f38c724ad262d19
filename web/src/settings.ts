// What a person chose on this device. Works without storage too (private windows,
// full disks): then it lasts as long as the page.
import { useEffect, useState } from "preact/hooks";

const prefix = "drydock.";

function stored<T>(name: string, fallback: T, valid: (value: unknown) => value is T): T {
  try {
    const text = localStorage.getItem(prefix + name);
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return valid(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

// Like useState, remembered under `name`. What is stored and not `valid` is ignored.
export function useSetting<T>(name: string, fallback: T, valid: (value: unknown) => value is T): [T, (value: T) => void] {
  const [value, setValue] = useState(() => stored(name, fallback, valid));
  return [
    value,
    (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(prefix + name, JSON.stringify(next));
      } catch {
        // Not remembered then.
      }
    },
  ];
}

// Whether a media query holds, as it changes.
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const change = () => setHolds(list.matches);
    list.addEventListener("change", change);
    return () => list.removeEventListener("change", change);
  }, [query]);
  return holds;
}

export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
export const isShare = (value: unknown): value is number => typeof value === "number" && value >= 0.05 && value <= 0.95;

export type Place = "above" | "beside" | "hidden";
export const isPlace = (value: unknown): value is Place => value === "above" || value === "beside" || value === "hidden";
