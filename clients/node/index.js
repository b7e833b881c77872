// Runs `signet serve --dev` for tests: Signet.start(), and useSignet() for the hooks of a test runner.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const REGION = "us-east-1";
const START_MS = 30_000;
const STOP_MS = 20_000;

/** One account with an administrator. */
export function defaultBootstrap() {
  return {
    accounts: [{
      id: "123456789012",
      users: [{
        name: "admin",
        policies: ["arn:aws:iam::aws:policy/AdministratorAccess"],
        access_keys: [{ access_key_id: "ADMINKEY000000000001", secret_access_key: "secret of the administrator" }],
      }],
    }],
  };
}

/** The six digits that an MFA device with this base32 seed shows at this time, in seconds since 1970 (RFC 6238). */
export function totp(seed, unixTime) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...seed.toUpperCase().replace(/=+$/, "")].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(unixTime / 30)));
  const digest = createHmac("sha1", key).update(step).digest();
  const at = digest[digest.length - 1] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function findProgram() {
  const candidates = process.env.SIGNET_BINARY
    ? [process.env.SIGNET_BINARY]
    : (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "signet"));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // the next one
    }
  }
  throw new Error("There is no `signet` on the path: install it (`./run install` in its repository), or name the program in SIGNET_BINARY.");
}

/** Resolves with the address, rejects with what the server said when it ends or does not come up. */
function ready(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why) => reject(new Error(`signet did not start: ${why}\n${said}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail(`no address within ${START_MS / 1000} s`);
    }, START_MS);
    const listen = (chunk) => {
      said = (said + chunk).slice(-4000);
      const match = said.match(/listening on (https?:\/\/\S+)\n/);
      if (match) {
        clearTimeout(timer);
        resolve(match[1]);
      }
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("error", (error) => fail(error.message));
    child.on("close", (code) => {
      clearTimeout(timer);
      fail(`it ended with ${code}`);
    });
  });
}

function document(policy) {
  if (typeof policy === "string") return policy;
  return JSON.stringify(policy.Statement ? policy : { Version: "2012-10-17", Statement: policy });
}

/** A server of its own, and what tests ask of it. */
export class Signet {
  #child;
  #folder;
  #accounts;

  /** Starts a server. `bootstrap`: a path, or the content of a bootstrap file. */
  static async start({ bootstrap = defaultBootstrap(), arguments: more = [] } = {}) {
    const signet = new Signet();
    const program = findProgram();
    signet.#folder = mkdtempSync(join(tmpdir(), "signet-test-"));
    try {
      let file = bootstrap;
      if (typeof bootstrap !== "string") {
        file = join(signet.#folder, "bootstrap.json");
        writeFileSync(file, JSON.stringify(bootstrap));
      }
      signet.#child = spawn(program, ["serve", "--dev", "--quiet", "--listen", "127.0.0.1:0", "--bootstrap", file, ...more], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      signet.url = await ready(signet.#child);
      signet.#accounts = JSON.parse(readFileSync(file, "utf8")).accounts;
    } catch (error) {
      rmSync(signet.#folder, { recursive: true, force: true });
      throw error;
    }
    const users = (signet.#accounts[0].users ?? []).filter((user) => user.access_keys?.length).map((user) => user.name);
    signet.account = signet.#accounts[0].id;
    signet.admin = users.length ? signet.credentials(users.includes("admin") ? "admin" : users[0]) : undefined;
    return signet;
  }

  /** Credentials that the bootstrap file gives a user. */
  credentials(userName, account = this.account) {
    const users = this.#accounts.find((each) => each.id === account)?.users ?? [];
    const key = users.find((user) => user.name === userName)?.access_keys?.find((each) => each.access_key_id);
    if (!key) throw new Error(`The bootstrap file gives no user ${userName} of ${account} an access key.`);
    return { accessKeyId: key.access_key_id, secretAccessKey: key.secret_access_key };
  }

  /** Options for a client of AWS SDK v3: new S3Client(signet.config(alice)). Without credentials the administrator's. */
  config(credentials = this.admin) {
    return { endpoint: this.url, region: REGION, credentials, forcePathStyle: true };
  }

  /** Variables with which an unmodified program finds the server. */
  environment(credentials = this.admin) {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...(credentials.sessionToken ? { AWS_SESSION_TOKEN: credentials.sessionToken } : {}),
      AWS_EC2_METADATA_DISABLED: "true",
    };
  }

  /** The state of the bootstrap file, and the machine's time. */
  async reset() {
    await this.#call("/_signet/reset", {});
  }

  /** The server's wall clock: sessions, MFA codes and signatures follow it. */
  clock = {
    now: async () => new Date((await this.#call("/_signet/clock")).now),
    shift: async (seconds) => void (await this.#call("/_signet/clock", { shift_seconds: seconds })),
    set: async (date) => void (await this.#call("/_signet/clock", { set: date.toISOString().replace(/\.\d+Z$/, "Z") })),
    reset: async () => void (await this.#call("/_signet/clock", { reset: true })),
  };

  /** The code that an MFA device with this base32 seed shows now. A code works once. */
  async mfaCode(seed) {
    return totp(seed, (await this.clock.now()).getTime() / 1000);
  }

  /** A user with an access key and, if given, an inline policy: a document, a statement or a list of them. */
  async createUser(name, policy) {
    const iam = this.#client("@aws-sdk/client-iam", "IAM");
    const { User } = await iam.createUser({ UserName: name });
    if (policy) await iam.putUserPolicy({ UserName: name, PolicyName: "test", PolicyDocument: document(policy) });
    const { AccessKey } = await iam.createAccessKey({ UserName: name });
    return { name, arn: User.Arn, credentials: { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey } };
  }

  /** A role that the principal `trusts` (an ARN, an account, a user or a role) may assume. */
  async createRole(name, trusts, policy) {
    const iam = this.#client("@aws-sdk/client-iam", "IAM");
    const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: trusts.arn ?? trusts } };
    const { Role } = await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: document(trust) });
    if (policy) await iam.putRolePolicy({ RoleName: name, PolicyName: "test", PolicyDocument: document(policy) });
    return { name, arn: Role.Arn };
  }

  /** A bucket, with a bucket policy if one is given. */
  async createBucket(name, policy) {
    const s3 = this.#client("@aws-sdk/client-s3", "S3");
    await s3.createBucket({ Bucket: name });
    if (policy) await s3.putBucketPolicy({ Bucket: name, Policy: document(policy) });
    return name;
  }

  /** Credentials of a session of the role (a role or its ARN). */
  async assumeRole(role, credentials = this.admin, more = {}) {
    const sts = this.#client("@aws-sdk/client-sts", "STS", credentials);
    const { Credentials } = await sts.assumeRole({ RoleArn: role.arn ?? role, RoleSessionName: "test", ...more });
    return {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    };
  }

  /** Ends the server. */
  async stop() {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("close", resolve));
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #client(module, name, credentials = this.admin) {
    // The SDK of the project under test, also where npm has linked this package to a checkout elsewhere.
    const sdk = createRequire(join(process.cwd(), "package.json"))(module);
    return new sdk[name](this.config(credentials));
  }

  async #call(path, body) {
    const answer = await fetch(this.url + path, body === undefined ? {} : {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text || "null");
  }
}

/**
 * One server for the tests of a file, put back to its first state before each:
 *   node:test  const signet = useSignet({ before, beforeEach, after });
 *   vitest     const signet = useSignet({ before: beforeAll, beforeEach, after: afterAll });
 * What it returns is the server from the first hook on.
 */
export function useSignet({ before, beforeEach, after }, options) {
  let started;
  before(async () => {
    started = await Signet.start(options);
  });
  beforeEach(async () => {
    await started.reset();
  });
  after(async () => {
    await started?.stop();
  });
  return new Proxy({}, {
    get(_, name) {
      if (!started) throw new Error("The server is there from the `before` hook on.");
      const value = started[name];
      return typeof value === "function" ? value.bind(started) : value;
    },
  });
}
