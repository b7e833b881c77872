import { Sha256 } from "@aws-crypto/sha256-browser";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { heed, sharedCredentials } from "./clients";

// Calls that the SDK's clients in the bundle do not know: signed like theirs, with the credentials of the session.

interface Sent {
  service: string; // of the signature
  path: string;
  body: string;
  type: string;
  target?: string; // X-Amz-Target
}

// A refusal, in the form in which the SDK throws them.
function refusal(code: string, message: string, answer: Response): Error {
  return Object.assign(new Error(message), {
    name: code,
    $metadata: { httpStatusCode: answer.status, requestId: answer.headers.get("x-amzn-requestid") ?? undefined },
    $response: { headers: Object.fromEntries(answer.headers) },
  });
}

// How far the server's clock is ahead of this machine's. The SDK's clients find out for themselves.
let ahead = 0;
const SKEW = 240_000; // less is no reason for a refusal

// Takes the server's time from an answer. Whether it was far from what was signed.
function heedClock(answer: Response): boolean {
  const date = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(date)) return false;
  const found = date - Date.now();
  const isFar = Math.abs(found - ahead) > SKEW;
  if (isFar) ahead = found;
  return isFar;
}

async function sendOnce({ service, path, body, type, target }: Sent): Promise<Response> {
  const signer = new SignatureV4({ service, region: "us-east-1", credentials: sharedCredentials, sha256: Sha256 });
  const request = new HttpRequest({
    method: "POST",
    protocol: location.protocol,
    hostname: location.hostname,
    port: location.port ? Number(location.port) : undefined,
    path,
    headers: { host: location.host, "content-type": type, ...(target ? { "x-amz-target": target } : {}) },
    body,
  });
  const { headers } = await signer.sign(request, { signingDate: new Date(Date.now() + ahead) });
  const { host: _, ...sent } = headers; // the browser's to send
  return fetch(path, { method: "POST", headers: sent, body, credentials: "omit", cache: "no-store" });
}

async function send(sent: Sent): Promise<Response> {
  const answer = await sendOnce(sent);
  return !answer.ok && heedClock(answer) ? sendOnce(sent) : answer;
}

// A call of a service of JSON: Sign-In, Signet's own, CloudTrail.
async function json<T>(sent: Sent): Promise<T> {
  const answer = await send(sent);
  const text = await answer.text();
  const told = (text ? JSON.parse(text) : {}) as { message?: string; Message?: string; __type?: string };
  if (answer.ok) return told as T;
  const code = (answer.headers.get("x-amzn-errortype") ?? told.__type ?? "Error").replace(/^.*#|:.*$/g, "");
  const error = refusal(code, told.message ?? told.Message ?? code, answer);
  heed(error);
  throw error;
}

const REST = "application/json";

export function signin<T>(path: string, input: object): Promise<T> {
  return json<T>({ service: "signin", path, body: JSON.stringify(input), type: REST });
}

export function insight<T>(path: string, input: object): Promise<T> {
  return json<T>({ service: "insight", path, body: JSON.stringify(input), type: REST });
}

const TARGETS = {
  cloudtrail: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
  organizations: "AWSOrganizationsV20161128",
};

// A call of a service that has the operation in X-Amz-Target.
export function targeted<T>(service: keyof typeof TARGETS, operation: string, input: object): Promise<T> {
  const target = `${TARGETS[service]}.${operation}`;
  return json<T>({ service, path: "/", body: JSON.stringify(input), type: "application/x-amz-json-1.1", target });
}

// A call of IAM that is newer than the bundle's client, and a function that finds an element of the answer by its name.
export async function iamCall(action: string, input: Record<string, string | number | boolean>): Promise<(name: string) => string | undefined> {
  const parameters = Object.entries(input).map(([name, value]) => [name, String(value)]);
  const answer = await send({
    service: "iam",
    path: "/",
    body: new URLSearchParams([["Action", action], ["Version", "2010-05-08"], ...parameters]).toString(),
    type: "application/x-www-form-urlencoded; charset=utf-8",
  });
  const xml = new DOMParser().parseFromString(await answer.text(), "application/xml");
  const find = (name: string) => xml.getElementsByTagName(name)[0]?.textContent ?? undefined;
  if (answer.ok) return find;
  const error = refusal(find("Code") ?? "Error", find("Message") ?? "", answer);
  heed(error);
  throw error;
}
