// A session as a file: what was typed and when. Playing it again gives the same session.

const key = "drydock-recording";

export function saveAsFile(recording: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([recording], { type: "application/json" }));
  link.download = `drydock-${new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-")}.json`;
  link.click();
  // The download reads the address after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Keeps a recording over the reload that starts it. Returns what is wrong with it.
export function keepRecording(text: string): string | undefined {
  try {
    const document = JSON.parse(text) as { drydock?: unknown };
    if (document?.drydock !== 1) return "That file is not a recording of a Drydock session.";
  } catch {
    return "That file is not a recording of a Drydock session.";
  }
  try {
    sessionStorage.setItem(key, text);
  } catch {
    return "That recording is too large for this browser's storage.";
  }
  return undefined;
}

export function takeRecording(): string | undefined {
  try {
    const text = sessionStorage.getItem(key) ?? undefined;
    sessionStorage.removeItem(key);
    return text;
  } catch {
    return undefined;
  }
}
