import { useSyncExternalStore } from "react";
import { Upload } from "@aws-sdk/lib-storage";
import { s3 } from "./clients";
import { told } from "./ui/problem";

export interface Transfer {
  id: number;
  name: string;
  bucket: string;
  sent: number;
  size: number;
  state: "waiting" | "going" | "done" | "failed" | "stopped";
  error?: string;
}

const PART = 8 * 1024 * 1024;
const AT_ONCE = 3; // files

let transfers: Transfer[] = [];
let number = 0;
let going = 0;
const waiting: (() => void)[] = [];
const running = new Map<number, Upload>();
const listeners = new Set<() => void>();

function change(id: number, part: Partial<Transfer>): void {
  transfers = transfers.map((transfer) => (transfer.id === id ? { ...transfer, ...part } : transfer));
  listeners.forEach((listener) => listener());
}

export function useTransfers(): Transfer[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => transfers,
  );
}

export function clearTransfers(): void {
  transfers = transfers.filter(({ state }) => state === "waiting" || state === "going");
  listeners.forEach((listener) => listener());
}

export function stop(id: number): void {
  change(id, { state: "stopped" });
  void running.get(id)?.abort();
}

async function send(id: number, bucket: string, key: string, file: File): Promise<void> {
  if (transfers.find((transfer) => transfer.id === id)?.state === "stopped") return;
  change(id, { state: "going" });
  const upload = new Upload({
    client: s3,
    params: { Bucket: bucket, Key: key, Body: file, ContentType: file.type || "application/octet-stream" },
    partSize: PART,
    queueSize: 2,
  });
  running.set(id, upload);
  upload.on("httpUploadProgress", ({ loaded = 0 }) => change(id, { sent: loaded }));
  try {
    await upload.done();
    change(id, { state: "done", sent: file.size });
  } catch (error) {
    const wasStopped = transfers.find((transfer) => transfer.id === id)?.state === "stopped";
    if (!wasStopped) change(id, { state: "failed", error: told(error).message });
  } finally {
    running.delete(id);
  }
}

// Sends a file in parts, a few files at a time; the promise ends with it, whatever became of it.
export function uploadFile(bucket: string, prefix: string, file: File): Promise<void> {
  const id = ++number;
  transfers = [...transfers, { id, name: file.name, bucket, sent: 0, size: file.size, state: "waiting" }];
  listeners.forEach((listener) => listener());
  return new Promise((finished) => {
    const begin = () => {
      going++;
      void send(id, bucket, prefix + file.name, file).finally(() => {
        going--;
        waiting.shift()?.();
        finished();
      });
    };
    if (going < AT_ONCE) begin();
    else waiting.push(begin);
  });
}
