// What a new session starts with: from the address (#seed=7&version=v1.30.0) or fresh.
import type { SessionOptions } from "./protocol";

export function sessionOptions(fragment: string): SessionOptions {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const number = (name: string, fallback: number) => {
    const value = Number(given.get(name));
    return given.has(name) && Number.isSafeInteger(value) && value >= 0 ? value : fallback;
  };
  const version = given.get("version") ?? "";
  return {
    seed: number("seed", crypto.getRandomValues(new Uint32Array(1))[0]!),
    start: number("start", Math.floor(Date.now() / 1000)),
    version: /^v1\.\d{1,2}\.\d{1,3}$/.test(version) ? version : "",
  };
}

export function formatBytes(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${gib.toFixed(gib >= 10 ? 0 : 1)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}

export function formatClock(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 19);
}

export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
