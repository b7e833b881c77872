import { DOOR_HEADERS } from "./session";

// A new MFA device of who is signed in, where AWS has no call for it: a passkey, which the browser makes and the server keeps, and root's
// device with codes. They go to the same door as the credentials of the page.

interface Challenge {
  challenge: string;
  rpId: string;
  userId: string;
  userName: string;
  known: string[]; // credential ids
}

const HEADERS = { ...DOOR_HEADERS, "Content-Type": "application/json" };
const ES256 = -7;
const RS256 = -257;

export function canHavePasskeys(): boolean {
  return window.isSecureContext && "PublicKeyCredential" in window;
}

async function ask<T>(path: string, input: object): Promise<T> {
  const answer = await fetch(path, { method: "POST", headers: HEADERS, body: JSON.stringify(input), credentials: "same-origin", cache: "no-store" });
  const told = (await answer.json()) as T & { message?: string };
  if (answer.ok) return told;
  throw Object.assign(new Error(told.message ?? `${answer.status}`), {
    name: answer.status === 403 ? "AccessDenied" : "Error",
    $metadata: { httpStatusCode: answer.status },
    $response: { headers: Object.fromEntries(answer.headers) },
  });
}

function base64url(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

const bytes = (text: string) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

export async function addPasskey(name: string): Promise<void> {
  const begun = await ask<Challenge>("/_console/api/passkeys/challenge", {});
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { id: begun.rpId, name: "Signet" },
      user: { id: new TextEncoder().encode(begun.userId), name: begun.userName, displayName: begun.userName },
      challenge: new TextEncoder().encode(begun.challenge),
      pubKeyCredParams: [ES256, RS256].map((alg) => ({ type: "public-key" as const, alg })),
      attestation: "none",
      authenticatorSelection: { residentKey: "discouraged", userVerification: "discouraged" },
      excludeCredentials: begun.known.map((id) => ({ type: "public-key" as const, id: bytes(id) })),
      timeout: 120_000,
    },
  })) as PublicKeyCredential | null;
  if (!made) throw new Error("The browser made no passkey.");
  const { clientDataJSON, attestationObject } = made.response as AuthenticatorAttestationResponse;
  await ask("/_console/api/passkeys", {
    name,
    challenge: begun.challenge,
    clientData: base64url(clientDataJSON),
    attestation: base64url(attestationObject),
  });
}

// Takes a virtual MFA device into use for root, which EnableMFADevice does for users alone.
export async function enableRootDevice(serialNumber: string, authenticationCode1: string, authenticationCode2: string): Promise<void> {
  await ask("/_console/api/root-mfa-device", { serialNumber, authenticationCode1, authenticationCode2 });
}
