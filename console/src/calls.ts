import { useCallback, useEffect, useRef, useState } from "react";

// Calls under way, where who waits for the page can see it (tests, and people with the inspector).
let underWay = 0;

async function counted<T>(work: () => Promise<T>): Promise<T> {
  document.documentElement.dataset.calls = String(++underWay);
  try {
    return await work();
  } finally {
    document.documentElement.dataset.calls = String(--underWay);
  }
}

export interface Call<T> {
  data?: T;
  error?: unknown;
  loading: boolean;
  reload: () => void;
}

// Makes a call when the page is shown and when `key` changes; a later answer to an earlier key is dropped.
export function useCall<T>(key: string, call: () => Promise<T>): Call<T> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ key: string; data?: T; error?: unknown; loading: boolean }>({ key, loading: true });
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    let isCurrent = true;
    setState((old) => ({ key, data: old.key === key ? old.data : undefined, loading: true }));
    counted(latest.current).then(
      (data) => isCurrent && setState({ key, data, loading: false }),
      (error: unknown) => isCurrent && setState({ key, error, loading: false }),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);
  const reload = useCallback(() => setRound((old) => old + 1), []);
  return { data: state.key === key ? state.data : undefined, error: state.error, loading: state.loading || state.key !== key, reload };
}

export interface Page<T> {
  items: T[];
  next?: string;
}

export interface Paged<T> {
  items: T[];
  loading: boolean;
  error?: unknown;
  complete: boolean;
  more: () => void; // the next page of the server
  all: () => void; // every page that is left
  reload: () => void;
}

// How much to ask for: little for what is shown at once, much for what a filter looks through.
export function pageSize(marker: string | undefined): number {
  return marker === undefined ? 100 : 1000;
}

// A list that the server gives in pages. The first is asked for at once, others when the person gets there.
export function usePaged<T>(key: string, fetchPage: (marker: string | undefined) => Promise<Page<T>>): Paged<T> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ items: T[]; next?: string; loading: boolean; error?: unknown; complete: boolean }>({
    items: [],
    loading: true,
    complete: false,
  });
  const latest = useRef(fetchPage);
  latest.current = fetchPage;
  const run = useRef(0);

  const load = useCallback(async (start: T[], marker: string | undefined, until: "one" | "end") => {
    const mine = ++run.current;
    setState((old) => ({ ...old, items: start, loading: true, error: undefined }));
    const items = [...start];
    let next = marker;
    try {
      do {
        const page: Page<T> = await counted(() => latest.current(next));
        if (run.current !== mine) return;
        items.push(...page.items);
        next = page.next;
        setState({ items: [...items], next, loading: until === "end" && next !== undefined, complete: next === undefined });
      } while (until === "end" && next !== undefined);
    } catch (error) {
      if (run.current === mine) setState({ items, next, loading: false, error, complete: false });
    }
  }, []);

  useEffect(() => {
    void load([], undefined, "one");
    return () => {
      run.current++;
    };
  }, [key, round, load]);
  const { items, next, loading, complete } = state;
  return {
    items,
    loading,
    error: state.error,
    complete,
    more: () => void (!loading && next !== undefined && load(items, next, "one")),
    all: () => void (!loading && next !== undefined && load(items, next, "end")),
    reload: () => setRound((old) => old + 1),
  };
}

// What a person writes, once it stands still for a moment.
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 400);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
