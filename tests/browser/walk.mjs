// Walks through pages as a person would and reports what stood there after each step, as one JSON object.
// usage: node walk.mjs STEPS, a JSON array of {goto: URL} | {fill: {LABEL: TEXT}, press: BUTTON} | {press: BUTTON OR LINK}, each with an
// optional `shot`, the file of a screenshot.
import { withPage } from "./browser.mjs";

async function take(page, step) {
  if (step.goto) {
    await page.goto(step.goto, { waitUntil: "load" });
    return;
  }
  for (const [label, text] of Object.entries(step.fill ?? {})) {
    await page.getByLabel(label, { exact: true }).fill(text);
  }
  const what = { name: step.press, exact: true };
  await page.getByRole("button", what).or(page.getByRole("link", what)).first().click();
  await page.waitForLoadState("load");
}

await withPage(async (page, context, problems) => {
  const seen = [];
  for (const step of JSON.parse(process.argv[2])) {
    await take(page, step);
    if (step.shot) {
      await page.screenshot({ path: step.shot, fullPage: true });
    }
    seen.push({ url: page.url(), title: await page.title(), text: await page.innerText("body") });
  }
  const cookies = (await context.cookies()).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }));
  console.log(JSON.stringify({ seen, cookies, problems }));
});
