import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Spinner from "@cloudscape-design/components/spinner";
import { type ReactNode, useSyncExternalStore } from "react";
import type { Call } from "../calls";
import { link } from "../router";
import { t } from "../text";
import { Problem } from "./problem";

export function To({ path, params, children }: { path: string[]; params?: Record<string, string>; children: ReactNode }) {
  return <Link href={link(path, params)}>{children}</Link>;
}

// An ARN, a key, a command: to be read exactly, and copied. With a label, a button that copies and shows nothing.
export function Copied({ text, label }: { text: string; label?: string }) {
  return (
    <CopyToClipboard
      variant={label === undefined ? "inline" : "button"}
      textToCopy={text}
      copyButtonText={label ?? t("copy")}
      copyButtonAriaLabel={label ?? t("copy")}
      copySuccessText={t("copied")}
      copyErrorText={t("notCopied")}
    />
  );
}

export function Waiting() {
  return (
    <Box padding="l" textAlign="center">
      <Spinner /> {t("loading")}
    </Box>
  );
}

// What a call answered; until then that it is under way, or why there is nothing.
export function Answer<T>({ call, children }: { call: Call<T>; children: (data: T) => ReactNode }) {
  if (call.error !== undefined && !call.loading) {
    return <Problem error={call.error} reload={call.reload} />;
  }
  if (call.data === undefined) {
    return <Waiting />;
  }
  return <>{children(call.data)}</>;
}

const NARROW = window.matchMedia("(max-width: 688px)");

// Names and values, beside each other where there is room.
export function Facts({ items, columns = 2 }: { items: { label: string; value: ReactNode }[]; columns?: number }) {
  const isNarrow = useSyncExternalStore(
    (listener) => {
      NARROW.addEventListener("change", listener);
      return () => NARROW.removeEventListener("change", listener);
    },
    () => NARROW.matches,
  );
  return <KeyValuePairs columns={isNarrow ? 1 : columns} items={items} />;
}

export function Code({ children, label }: { children: string; label?: string }) {
  return (
    <pre className="code" tabIndex={0} aria-label={label} role={label ? "region" : undefined}>
      {children}
    </pre>
  );
}
