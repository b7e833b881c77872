// How long the web console takes until a page can be used, in an account with 10,000 users, in Chromium on a CPU slowed to a quarter.
//
// Usage: node bench/console/first_page.mjs [USERS] [ROUNDS]   (two minutes)
//
// Needs a built server with the console (cmake -DCONSOLE=ON) and console/node_modules. Each round is a browser without cache, signed in
// already; the clock runs from the navigation to the moment when the page's own content stands there and its main thread answers within 50 ms. Beside the
// clock's time, which what else the machine does makes longer: the CPU time of the page's main thread without slowing, four times, which is
// what it would take if nobody else were there and the server answered at once. Loopback only.
import { openBrowser, Person } from "../../console/tests/people.mjs";
import { startServer } from "../../console/tests/server.mjs";

const USERS = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 7);
const SLOWED = 4;

const name = (number) => `user-${String(number).padStart(5, "0")}`;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

// Milliseconds in the page's own clock until `ready` holds and nothing long runs.
async function until(page, ready) {
  return page.evaluate(async (source) => {
    const isReady = new Function(`return (${source})()`);
    const begun = performance.now();
    const idle = () => new Promise((resolve) => {
      const asked = performance.now();
      setTimeout(() => resolve(performance.now() - asked < 50));
    });
    for (;;) {
      if (performance.now() - begun > 60_000) throw new Error(`not there after a minute: ${document.body.innerText.slice(0, 300)}`);
      if (isReady() && (await idle())) return performance.now();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }, ready.toString());
}

// Seconds of CPU that the page's main thread has had.
async function spent(devtools) {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name: one }) => one === "TaskDuration").value;
}

const HOME = () => [...document.querySelectorAll("main h1")].some((one) => one.innerText === "Home") && document.body.innerText.includes(":user/admin");
const LIST = () => document.querySelectorAll("main tbody tr").length > 20;

const server = await startServer({ users: Array.from({ length: USERS }, (_, number) => ({ name: name(number) })) });
const browser = await openBrowser();
const times = { home: [], "home again": [], users: [], "next page": [], "find one of all": [] };
const cpu = { home: [], users: [] };
try {
  for (let round = 0; round < ROUNDS; round++) {
    const person = await Person.arrive(browser, server.url);
    person.page.setDefaultTimeout(120_000);
    await person.signIn("admin");
    const devtools = await person.context.newCDPSession(person.page);
    await devtools.send("Network.clearBrowserCache");
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWED });
    const visit = async (place) => {
      await person.page.goto("about:blank");
      await person.page.goto(`${server.url}/_console/${place}`, { waitUntil: "commit" });
    };
    const timed = async (act, ready) => {
      const from = await person.page.evaluate(() => performance.now());
      await act();
      return (await until(person.page, ready)) - from;
    };
    await visit("#/home");
    times.home.push(await until(person.page, HOME));
    await visit("#/home");
    times["home again"].push(await until(person.page, HOME));
    await devtools.send("Network.clearBrowserCache");
    await visit("#/users");
    times.users.push(await until(person.page, LIST));
    await person.settled();
    const shown = await person.page.locator("main tbody tr").first().innerText();
    times["next page"].push(
      await timed(
        () => person.page.getByRole("button", { name: "Next page" }).click(),
        new Function(`return document.querySelector("main tbody tr")?.innerText.trim() !== ${JSON.stringify(shown.trim())} && document.querySelectorAll("main tbody tr").length > 20`),
      ),
    );
    const wanted = name(USERS - 1);
    times["find one of all"].push(
      await timed(
        () => person.page.getByLabel("Find").fill(wanted),
        new Function(`return document.querySelector("main tbody")?.innerText.includes(${JSON.stringify(wanted)}) && document.querySelectorAll("main tbody tr").length === 1`),
      ),
    );
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    for (const [what, place, ready] of [["home", "#/home", HOME], ["users", "#/users", LIST]]) {
      await devtools.send("Network.clearBrowserCache");
      await person.page.goto("about:blank");
      const before = await spent(devtools);
      await person.page.goto(`${server.url}/_console/${place}`, { waitUntil: "commit" });
      await until(person.page, ready);
      const after = await spent(devtools);
      cpu[what].push(SLOWED * 1000 * (after < before ? after : after - before)); // another process begins anew
    }
    await person.leave();
  }
} finally {
  await browser.close();
  await server.stop();
}
console.log(`${USERS} users, ${ROUNDS} rounds, CPU slowed ${SLOWED} times: ms`);
for (const [what, values] of Object.entries(times)) {
  const least = Math.min(...values);
  const own = cpu[what] ? `   CPU x ${SLOWED} median ${median(cpu[what]).toFixed(0).padStart(6)}   least ${Math.min(...cpu[what]).toFixed(0).padStart(6)}` : "";
  console.log(`${what.padEnd(16)} median ${median(values).toFixed(0).padStart(6)}   least ${least.toFixed(0).padStart(6)}${own}`);
}
