// A server of its own for a test, and what people and programs do with it before the browser comes.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";

export const ACCOUNT = "123456789012";
const BINARY = process.env.SIGNET_BINARY ?? new URL("../../build/release/signet", import.meta.url).pathname;
export const PASSWORD = "Correct-horse-1";
const ADMIN = { accessKeyId: "ADMINKEY000000000001", secretAccessKey: "admin/secret+of=the first account" };
const BOOTSTRAP = {
  accounts: [
    {
      id: ACCOUNT,
      alias: "example-corp",
      users: [
        {
          name: "admin",
          policies: ["arn:aws:iam::aws:policy/AdministratorAccess"],
          access_keys: [{ access_key_id: ADMIN.accessKeyId, secret_access_key: ADMIN.secretAccessKey }],
          password: PASSWORD,
        },
        { name: "nobody", password: PASSWORD },
      ],
    },
  ],
};

// Whether the services are there that tell of the trail and of organizations.
export const TELLS_MORE = existsSync(new URL("../../facts/operations/cloudtrail.tsv", import.meta.url));

// A `signet serve --dev` with an audit trail; `url` is the console's name for it. stop() ends it. `organization` is what the bootstrap file
// says of one that the account manages, `accounts` are others, `root` is what it says of root, `users` are more of them.
export async function startServer({ organization, root, accounts = [], users = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "signet-console-"));
  const file = join(folder, "bootstrap.json");
  const [account] = BOOTSTRAP.accounts;
  const first = { ...account, users: [...account.users, ...users], ...(organization ? { organization } : {}), ...(root ? { root } : {}) };
  writeFileSync(file, JSON.stringify({ accounts: [first, ...accounts] }));
  const child = spawn(BINARY, ["serve", "--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit", join(folder, "audit.jsonl"), "--quiet"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const port = await new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (piece) => {
      said += piece;
      const found = /listening on http:\/\/[\d.]+:(\d+)/.exec(said);
      if (found) resolve(Number(found[1]));
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const url = `http://localhost:${port}`;
  return {
    url,
    ...clientsOf(url, ADMIN),
    // What the audit trail has so far.
    records: () =>
      readFileSync(join(folder, "audit.jsonl"), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// A server as somebody starts it first, without any file: `first` is what it prints for whoever started it.
export async function startFirst() {
  const folder = mkdtempSync(join(tmpdir(), "signet-first-"));
  const child = spawn(BINARY, ["serve", "--listen", "127.0.0.1:0", "--data", join(folder, "data")], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const printed = await new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (piece) => {
      said += piece;
      if (/listening on/.test(said)) resolve(said);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const [, user, password] = /console +user (\S+), password (\S+)/.exec(printed);
  const [page] = /http:\/\/localhost:\d+\/_console\/\S+/.exec(printed);
  return {
    url: new URL(page).origin,
    folder,
    first: { page, user, password, account: new URL(page).searchParams.get("account") },
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function clientsOf(url, credentials) {
  const settings = { region: "us-east-1", endpoint: url.replace("localhost", "127.0.0.1"), credentials };
  return { iam: new IAMClient(settings), sts: new STSClient(settings), s3: new S3Client({ ...settings, forcePathStyle: true }) };
}

// The link that signs a browser in with these temporary credentials (the Credentials of an STS answer).
export async function loginLink(url, credentials) {
  const session = { sessionId: credentials.AccessKeyId, sessionKey: credentials.SecretAccessKey, sessionToken: credentials.SessionToken };
  const query = new URLSearchParams({ Action: "getSigninToken", Session: JSON.stringify(session) });
  const answer = await fetch(`${url}/federation?${query}`);
  const { SigninToken } = await answer.json();
  return `${url}/federation?${new URLSearchParams({ Action: "login", Issuer: "example.org", Destination: `${url}/_console/`, SigninToken })}`;
}

export const policy = (...statements) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
