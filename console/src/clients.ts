import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import { credentials, sessionFailed } from "./session";

type Credentials = Awaited<ReturnType<typeof credentials>>;

let kept: { fetched: number; credentials: Promise<Credentials> } | undefined;

// Credentials of the session, for the clients and for what the page signs itself. The server is asked again when they end soon, which is all
// the time when the session itself is about to end: once a minute is enough.
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

// Opens the session, when the page is loaded and when there is doubt whether it is still there.
export function begin(): void {
  sharedCredentials().catch((error: unknown) => sessionFailed(error instanceof Error ? error : new Error(String(error))));
}

// What a call is answered when its credentials are no good any more: they have expired, or their session has ended elsewhere.
const BAD_CREDENTIALS = /^(InvalidClientTokenId|ExpiredToken|ExpiredTokenException|InvalidToken|InvalidAccessKeyId|UnrecognizedClientException)$/;

// Asks for credentials anew when a call says that its own are bad. If the session has ended, that is what the page shows then.
export function heed(error: unknown): void {
  if (BAD_CREDENTIALS.test((error as Error).name)) {
    kept = undefined;
    begin();
  }
}

function watched<C extends IAMClient | STSClient | S3Client>(client: C): C {
  (client.middlewareStack as IAMClient["middlewareStack"]).add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        heed(error);
        throw error;
      }
    },
    { step: "initialize", name: "watchCredentials" },
  );
  return client;
}

// A client keeps credentials until they end; said to have ended, they are asked for at each call, so that those of a session that is over
// are used nowhere.
const forClients = async () => ({ ...(await sharedCredentials()), expiration: new Date(0) });

const settings = { region: "us-east-1", endpoint: location.origin, credentials: forClients, maxAttempts: 3 };

export const iam = watched(new IAMClient(settings));
export const sts = watched(new STSClient(settings));
// Checksums of a file would be computed on the page's only thread: 10 MB a second.
export const s3 = watched(
  new S3Client({ ...settings, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" }),
);
