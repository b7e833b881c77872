import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import { credentials, sessionFailed } from "./session";

type Credentials = Awaited<ReturnType<typeof credentials>>;

let kept: { fetched: number; credentials: Promise<Credentials> } | undefined;

// Credentials for all three clients. Each asks whenever less than five minutes are left, which is all the time when the session itself is
// about to end: once a minute is enough.
export async function sharedCredentials(): Promise<Credentials> {
  const now = Date.now();
  if (kept && now - kept.fetched > 60_000 && (await kept.credentials).expiration.getTime() - now < 360_000) {
    kept = undefined;
  }
  kept ??= { fetched: now, credentials: credentials() };
  try {
    return await kept.credentials;
  } catch (error) {
    kept = undefined;
    throw error;
  }
}

// Opens the session when the page is loaded.
export function begin(): void {
  sharedCredentials().catch((error: unknown) => sessionFailed(error instanceof Error ? error : new Error(String(error))));
}

const settings = { region: "us-east-1", endpoint: location.origin, credentials: sharedCredentials, maxAttempts: 3 };

export const iam = new IAMClient(settings);
export const sts = new STSClient(settings);
// Checksums of a file would be computed on the page's only thread: 10 MB a second.
export const s3 = new S3Client({
  ...settings,
  forcePathStyle: true,
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
});
