// Debian's Chromium with an empty profile: withPage(work) runs work(page, context, problems) and takes everything away again. `problems` are
// script errors, failed requests and what the page's own content security policy refused.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

export async function withPage(work) {
  const profile = mkdtempSync(join(tmpdir(), "signet-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    javaScriptEnabled: false, // sign-in works without; the web console has tests of its own (console/tests)
    viewport: { width: 1280, height: 800 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    // Scripts are switched off, so what the web console would load is not loaded.
    page.on("requestfailed", (request) => {
      if (!request.url().includes("/_console/assets/")) {
        problems.push(`${request.url()} failed`);
      }
    });
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy/.test(message.text())) {
        problems.push(message.text());
      }
    });
    await work(page, context, problems);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
