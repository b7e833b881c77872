// Chromium, and a person in it who takes note of all that goes wrong.
import { readFileSync } from "node:fs";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { ACCOUNT, PASSWORD } from "./server.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ARTIFACTS = process.env.SIGNET_ARTIFACTS ?? new URL("../../build/artifacts/console/", import.meta.url).pathname;

// What Chromium says of every answer that is an error: refusals are part of what is tested.
const REFUSAL = /^Failed to load resource: the server responded with a status of (400|401|403|404|409|410)/;

export async function openBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
  });
  return browser;
}

export class Person {
  // `options` are playwright's of a browser context.
  static async arrive(browser, url, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", reducedMotion: "reduce", ...options });
    const person = new Person();
    person.url = url;
    person.context = context;
    person.problems = [];
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
    });
    person.page = await context.newPage();
    person.page.setDefaultTimeout(20_000);
    person.page.on("pageerror", (error) => person.problems.push(`page error: ${error.stack ?? error}`));
    person.page.on("console", (message) => {
      if (message.type() === "error" && !REFUSAL.test(message.text())) person.problems.push(message.text());
    });
    return person;
  }

  static async signedIn(browser, url, user, options = {}) {
    const person = await Person.arrive(browser, url, options);
    await person.signIn(user);
    return person;
  }

  async signIn(user) {
    await this.page.goto(`${this.url}/_console/signin?account=${ACCOUNT}`);
    await this.page.getByLabel("IAM user name", { exact: true }).fill(user);
    await this.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await this.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await this.settled();
  }

  // Opens a place of the console and waits until nothing is under way.
  async open(place) {
    await this.page.goto(`${this.url}/_console/${place}`);
    await this.settled();
  }

  async settled() {
    // The console says what it shows and what it waits for.
    await this.page.waitForFunction(
      () => {
        const { place, calls } = document.documentElement.dataset;
        const isBusy = place !== location.hash || Number(calls ?? 0) > 0 || document.querySelector("main [class*=awsui_spinner]") !== null;
        const heading = [...document.querySelectorAll("h1")].find((element) => element.offsetParent !== null);
        window.quietSince = isBusy || !heading ? undefined : (window.quietSince ?? performance.now());
        return window.quietSince !== undefined && performance.now() - window.quietSince > 150;
      },
      undefined,
      { polling: 30 },
    );
  }

  text() {
    return this.page.locator("main").innerText();
  }

  async shoot(name) {
    mkdirSync(ARTIFACTS, { recursive: true });
    await this.page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
  }

  // Findings of axe that keep people out.
  async seriousFindings() {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(" | ")}`);
  }

  // The page can be used by everybody, and nothing went wrong until now.
  async allIsWell(name) {
    assert.deepEqual(await this.seriousFindings(), [], `axe on ${name}`);
    assert.deepEqual(this.problems, [], `problems on ${name}`);
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  async leave() {
    await this.context.close();
  }
}

