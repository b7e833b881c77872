import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { type ReactNode, useSyncExternalStore } from "react";
import { t } from "../text";
import { told, Why } from "./problem";

let notices: FlashbarProps.MessageDefinition[] = [];
let number = 0;
const listeners = new Set<() => void>();

function become(next: FlashbarProps.MessageDefinition[]): void {
  notices = next;
  listeners.forEach((listener) => listener());
}

function add(type: "success" | "error", content: string, action?: ReactNode): void {
  const id = String(++number);
  const dismiss = () => become(notices.filter((notice) => notice.id !== id));
  // The newest comes first: of a stack only the first is seen.
  become([{ id, type, content, action, dismissible: true, dismissLabel: t("close"), onDismiss: dismiss }, ...notices.slice(0, 3)]);
  if (type === "success") setTimeout(dismiss, 8000);
}

export const done = (text: string) => add("success", text);
export const failed = (error: unknown) => add("error", told(error).message, <Why error={error} />);

export function useNotices(): FlashbarProps.MessageDefinition[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
}
