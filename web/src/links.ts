// Links in terminals. Only web addresses are opened, in a tab that cannot reach back
// into this one; addresses that exist only inside the session are named as such.

export type Link = { kind: "open"; address: string } | { kind: "inside"; host: string } | { kind: "refused" };

const insideNames = /^(localhost|node\d+|.*\.(local|internal|svc))$/i;

function isInside(host: string): boolean {
  if (insideNames.test(host) || host.startsWith("[")) return true;
  const parts = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host);
  if (!parts) return !host.includes(".");
  const [first, second] = [Number(parts[1]), Number(parts[2])];
  return first === 10 || first === 127 || first === 0 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168) || (first === 169 && second === 254);
}

export function judgeLink(text: string): Link {
  let address: URL;
  try {
    address = new URL(text);
  } catch {
    return { kind: "refused" };
  }
  if (address.protocol !== "http:" && address.protocol !== "https:") return { kind: "refused" };
  if (isInside(address.hostname)) return { kind: "inside", host: address.host };
  return { kind: "open", address: address.href };
}
