export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}
export interface User {
  name: string;
  arn: string;
  credentials: Credentials;
}
export interface Role {
  name: string;
  arn: string;
}
/** The content of a bootstrap file (docs/guide/bootstrap.md). */
export type Bootstrap = { accounts: object[] };
/** A policy document, its text, a statement or a list of statements. */
export type Policy = string | object | object[];
export interface Options {
  bootstrap?: string | Bootstrap;
  arguments?: string[];
}
export interface Clock {
  now(): Promise<Date>;
  shift(seconds: number): Promise<void>;
  set(date: Date): Promise<void>;
  reset(): Promise<void>;
}
export interface ClientConfig {
  endpoint: string;
  region: string;
  credentials: Credentials;
  forcePathStyle: boolean;
}
export declare class Signet {
  static start(options?: Options): Promise<Signet>;
  readonly url: string;
  readonly account: string;
  readonly admin: Credentials;
  readonly clock: Clock;
  credentials(userName: string, account?: string): Credentials;
  config(credentials?: Credentials): ClientConfig;
  environment(credentials?: Credentials): Record<string, string>;
  reset(): Promise<void>;
  mfaCode(seed: string): Promise<string>;
  createUser(name: string, policy?: Policy): Promise<User>;
  createRole(name: string, trusts: string | User | Role, policy?: Policy): Promise<Role>;
  createBucket(name: string, policy?: Policy): Promise<string>;
  assumeRole(role: string | Role, credentials?: Credentials, more?: object): Promise<Credentials>;
  stop(): Promise<void>;
}
export interface Hooks {
  before(hook: () => Promise<void>): unknown;
  beforeEach(hook: () => Promise<void>): unknown;
  after(hook: () => Promise<void>): unknown;
}
export declare function useSignet(hooks: Hooks, options?: Options): Signet;
export declare function defaultBootstrap(): Bootstrap;
export declare function totp(seed: string, unixTime: number): string;
