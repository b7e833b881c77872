import { useSyncExternalStore } from "react";

// A role that is acted as, in place of who signed in.
export interface Role {
  name: string;
  color: string; // six hexadecimal digits; empty: none
  original: string;
}

// A browser has up to five sessions beside each other. The address of a page says which one it is of; the first has no number.
const NUMBER = new URLSearchParams(location.search).get("session") ?? "";
export const MOST_SESSIONS = 5;

const CONSOLE = "/_console/";
const placeOf = (number: string) => (number && number !== "0" ? `${CONSOLE}?session=${encodeURIComponent(number)}` : CONSOLE);

// A page of the server's, for the session of this page.
export function here(path: string): string {
  return NUMBER ? `${path}${path.includes("?") ? "&" : "?"}session=${encodeURIComponent(NUMBER)}` : path;
}

export const SIGN_IN = NUMBER ? `/_console/signin?to=${encodeURIComponent(placeOf(NUMBER))}` : "/_console/signin";
export const SIGN_IN_BESIDE = `/_console/signin?to=${encodeURIComponent(placeOf("new"))}`;

// What the doors want of the page that are not of the public API.
export const DOOR_HEADERS = { "X-Signet-Console": "1", ...(NUMBER ? { "X-Signet-Session": NUMBER } : {}) };

// Another session of the browser.
export interface OtherSession {
  arn: string;
  place: string; // of its console
}

// What the server says of the session behind the cookie.
export interface Session {
  arn: string;
  account: string;
  mfa: boolean;
  canSwitchRole: boolean;
  ends: Date;
  others: OtherSession[];
  role?: Role;
}

// `last` is the session that the page was shown with.
export type SessionState = { kind: "starting" } | { kind: "open"; session: Session } | { kind: "ended"; last?: Session } | { kind: "failed"; error: Error };

let state: SessionState = { kind: "starting" };
const listeners = new Set<() => void>();

function become(next: SessionState): void {
  state = next;
  listeners.forEach((listener) => listener());
}

export function useSessionState(): SessionState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

export function sessionOf(current: SessionState): Session | undefined {
  return current.kind === "open" ? current.session : current.kind === "ended" ? current.last : undefined;
}

// Inside the console's pages, which are there only while a session is open, or out of sight until it is open again.
export function useSession(): Session {
  const session = sessionOf(useSessionState());
  if (!session) {
    throw new Error("no session");
  }
  return session;
}

interface Answer {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: string;
  sessionExpires: string;
  arn: string;
  account: string;
  mfa: boolean;
  canSwitchRole: boolean;
  others: { session: string; arn: string }[];
  role?: Role;
}

// Trades the session cookie for credentials of 15 minutes. The SDK asks again before they end; they are nowhere but in its memory.
export async function credentials() {
  const answer = await fetch("/_console/api/credentials", {
    method: "POST",
    headers: DOOR_HEADERS,
    credentials: "same-origin",
    cache: "no-store",
  });
  if (answer.status === 401) {
    become({ kind: "ended", last: sessionOf(state) });
    throw new Error("The session has ended.");
  }
  if (!answer.ok) {
    throw new Error(`The server gave no credentials (${answer.status}).`);
  }
  const given = (await answer.json()) as Answer;
  const { arn, account, mfa, canSwitchRole, role } = given;
  const others = given.others.map((other) => ({ arn: other.arn, place: placeOf(other.session) }));
  become({ kind: "open", session: { arn, account, mfa, canSwitchRole, others, role, ends: new Date(given.sessionExpires) } });
  return {
    accessKeyId: given.accessKeyId,
    secretAccessKey: given.secretAccessKey,
    sessionToken: given.sessionToken,
    expiration: new Date(given.expiration),
  };
}

export function sessionFailed(error: Error): void {
  if (state.kind !== "ended") {
    become({ kind: "failed", error });
  }
}

// The user's name, for pages of the user's own; nothing for root and for roles.
export function ownUserName(session: Session): string | undefined {
  const match = /^arn:aws[a-z-]*:iam::\d+:user\/(?:.*\/)?([^/]+)$/.exec(session.arn);
  return match?.[1];
}

export function isRoot(session: Session): boolean {
  return session.arn.endsWith(":root");
}

// What follows the last colon and slash of an ARN.
export function lastName(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1);
}

// How people call who an ARN stands for: a user by name, a session with its role.
export function nameOf(arn: string): string {
  return /:assumed-role\/(.+)$/.exec(arn)?.[1] ?? lastName(arn);
}

const PLACE = "signet-place";

// Leaves the page by a form: sign-out and the way back from a role are no calls of the API. `place` is where to be when the page is back.
export function leaveBy(path: string, place?: string): void {
  if (place) sessionStorage.setItem(PLACE, place);
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  document.body.append(form);
  form.submit();
}

// Goes where the page was left for a moment.
export function comeBack(): void {
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place?.startsWith("#/") && !location.hash) location.hash = place;
}
