import { useSyncExternalStore } from "react";

// Where in the console: "#/users/jane" or "#/objects?bucket=web&prefix=a/". The server never sees it.
export interface Place {
  path: string[]; // decoded
  params: URLSearchParams;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // typed by hand
  }
}

function read(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { path: path.split("/").filter(Boolean).map(decoded), params: new URLSearchParams(query) };
}

let place = read(location.hash);
const listeners = new Set<() => void>();
window.addEventListener("hashchange", () => {
  place = read(location.hash);
  listeners.forEach((listener) => listener());
});

export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => place,
  );
}

export function link(path: string[], params?: Record<string, string>): string {
  const query = params ? `?${new URLSearchParams(params).toString()}` : "";
  return `#/${path.map(encodeURIComponent).join("/")}${query}`;
}

export function go(path: string[], params?: Record<string, string>): void {
  location.hash = link(path, params);
}
