import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo, useState } from "react";
import { asCommands, type Becoming, becomingOf, distances, reachOf, type Step, stepTold, wayFrom } from "../becoming";
import { type Call, useCall } from "../calls";
import { everybody, shortName } from "../principals";
import { t } from "../text";
import { Listing } from "../ui/listing";
import { Answer, Code, Copied } from "../ui/parts";
import { Problem } from "../ui/problem";

const MOST_DRAWN = 150;
const ROW = 34;
const COLUMN = 250;
const BOX = { width: 190, height: 26 };

interface Placed {
  arn: string;
  x: number;
  y: number;
}

// Administrators stand on the right, everybody else as many columns to the left as steps away; who reaches none stands leftmost.
function place(arns: string[], away: Map<string, number>): { placed: Map<string, Placed>; width: number; height: number } {
  const farthest = Math.max(0, ...away.values());
  const isComplete = arns.every((arn) => away.has(arn));
  const columnOf = (arn: string) => (away.has(arn) ? farthest + (isComplete ? 0 : 1) - (away.get(arn) ?? 0) : 0);
  const filled: number[] = [];
  const placed = new Map<string, Placed>();
  for (const arn of arns) {
    const column = columnOf(arn);
    const row = (filled[column] = (filled[column] ?? 0) + 1);
    placed.set(arn, { arn, x: 10 + column * COLUMN, y: 10 + (row - 1) * ROW });
  }
  return { placed, width: (farthest + (isComplete ? 1 : 2)) * COLUMN, height: Math.max(1, ...Array.from(filled, (count) => count ?? 0)) * ROW + 20 };
}

const cut = (text: string) => (text.length > 26 ? `${text.slice(0, 25)}\u2026` : text);

// How sure an edge is, as its line says it.
function lineOf({ needsMfa, condition }: Step): string {
  return needsMfa ? " mfa" : condition === "CONDITIONAL" ? " conditional" : condition === "UNKNOWN" ? " perhaps" : "";
}

function Graph({ all, away, choose }: { all: Map<string, Becoming>; away: Map<string, number>; choose: (arn: string) => void }) {
  const [at, setAt] = useState<string>();
  const reach = useMemo(() => (at ? reachOf(at, all) : undefined), [at, all]);
  // Who neither becomes anybody nor is become is no part of the picture.
  const become = new Set([...all.values()].flatMap(({ steps }) => steps.map(({ principalArn }) => principalArn)));
  const shown = [...all.values()]
    .filter(({ principalArn, isAdministrator, steps }) => isAdministrator || steps.length > 0 || become.has(principalArn))
    .map(({ principalArn }) => principalArn)
    .slice(0, MOST_DRAWN);
  const { placed, width, height } = place(shown, away);
  const faded = (arn: string) => reach !== undefined && !reach.has(arn);
  return (
    <div className="graph" tabIndex={0} role="region" aria-label={t("becoming")}>
      <svg width={width} height={height} role="img" aria-label={t("becomingPicture", { count: shown.length })}>
        {shown.flatMap((from) =>
          (all.get(from)?.steps ?? []).map((step) => {
            const to = step.principalArn;
            const [a, b] = [placed.get(from), placed.get(to)];
            if (!a || !b) return null;
            const [x1, y1, x2, y2] = [a.x + BOX.width, a.y + BOX.height / 2, b.x, b.y + BOX.height / 2];
            const bend = Math.max(40, Math.abs(x2 - x1) / 2);
            return (
              <path
                key={`${from} ${to}`}
                className={`edge${lineOf(step)}${faded(from) || faded(to) ? " faded" : ""}`}
                d={`M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`}
              >
                <title>{`${shortName(from)} \u2192 ${shortName(to)}: ${stepTold(step)}`}</title>
              </path>
            );
          }),
        )}
        {shown.map((arn) => {
          const { x, y } = placed.get(arn)!;
          return (
            <g
              key={arn}
              className={`node${all.get(arn)?.isAdministrator ? " admin" : ""}${faded(arn) ? " faded" : ""}`}
              transform={`translate(${x} ${y})`}
              onMouseEnter={() => setAt(arn)}
              onMouseLeave={() => setAt(undefined)}
              onClick={() => choose(arn)}
            >
              <title>{arn}</title>
              <rect width={BOX.width} height={BOX.height} rx={6} />
              <text x={8} y={17}>
                {cut(shortName(arn))}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

interface Row {
  arn: string;
  isAdministrator: boolean;
  first: string; // steps, as text
  strengthens: string;
  away?: number;
}

const firstOf = (steps: Step[]) =>
  steps
    .slice(0, 5)
    .map((step) => `${shortName(step.principalArn)}: ${stepTold(step)}`)
    .concat(steps.length > 5 ? [t("andMore", { count: steps.length - 5 })] : [])
    .join("; ");

// The same as a list, which also who does not see the picture can read.
function Table({ all, away, reload, chosen, choose }: { all: Map<string, Becoming>; away: Map<string, number>; reload: () => void; chosen?: string; choose: (arn: string | undefined) => void }) {
  const rows = useMemo(
    () =>
      [...all.values()].map(
        ({ principalArn, isAdministrator, steps, strengthens }): Row => ({
          arn: principalArn,
          isAdministrator,
          first: firstOf(steps),
          strengthens: firstOf(strengthens ?? []),
          away: away.get(principalArn),
        }),
      ),
    [all, away],
  );
  return (
    <Listing
      level="h2"
      title={t("steps")}
      paged={{ items: rows, loading: false, complete: true, more: () => undefined, all: () => undefined, reload }}
      id={({ arn }) => arn}
      text={({ arn }) => arn}
      empty={t("none")}
      selected={rows.find(({ arn }) => arn === chosen)}
      onSelect={(row) => choose(row?.arn)}
      columns={[
        { id: "who", header: t("principal"), cell: ({ arn }) => shortName(arn), isRowHeader: true },
        {
          id: "admin",
          header: t("toAdministrator"),
          cell: ({ isAdministrator, away }) =>
            isAdministrator ? (
              <StatusIndicator type="error">{t("isAdministrator")}</StatusIndicator>
            ) : away === undefined ? (
              <StatusIndicator type="success">{t("never")}</StatusIndicator>
            ) : (
              <StatusIndicator type="warning">{away === 1 ? t("oneStepAway") : t("stepsAway", { count: away })}</StatusIndicator>
            ),
        },
        { id: "first", header: t("canBecome"), cell: ({ first }) => first || "-" },
        ...(rows.some(({ strengthens }) => strengthens) ? [{ id: "strengthens", header: t("strengthens"), cell: ({ strengthens }: Row) => strengthens || "-" }] : []),
        { id: "reach", header: t("reachCount"), cell: ({ arn, isAdministrator }) => (isAdministrator ? all.size : reachOf(arn, all).size) - 1 },
      ]}
    />
  );
}

// The shortest way of one principal to everything, or else each step that it has, as commands.
function Way({ arn, all, away }: { arn: string; all: Map<string, Becoming>; away: Map<string, number> }) {
  const from = all.get(arn);
  const way = wayFrom(arn, all, away);
  const last = all.get(way?.at(-1)?.principalArn ?? arn);
  const steps = way ?? from?.steps ?? [];
  const calls = [...steps.flatMap((step) => step.calls ?? []), ...(way ? (last?.administratorCalls ?? []) : [])];
  const text = asCommands(calls);
  return (
    <Container
      header={
        <Header variant="h2" description={t("wayText")} actions={text && <Copied text={text} label={t("copy")} />}>
          {t(way ? "wayToAdministrator" : "wayTo", { who: shortName(arn) })}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ol className="words">
          {steps.map((step) => (
            <li key={step.principalArn}>
              {shortName(step.principalArn)}: {stepTold(step)}
            </li>
          ))}
        </ol>
        {text ? <Code label={t("wayTo", { who: shortName(arn) })}>{text}</Code> : way?.length === 0 ? t("nothingLeftToDo") : steps.length === 0 ? t("none") : null}
      </SpaceBetween>
    </Container>
  );
}

function Look({ principals }: { principals: Call<string[]> }) {
  const arns = principals.data ?? [];
  const [all, setAll] = useState<Map<string, Becoming>>();
  const [chosen, choose] = useState<string>();
  const away = useMemo(() => distances(all ?? new Map<string, Becoming>()), [all]);
  const [done, setDone] = useState<number>();
  const [error, setError] = useState<unknown>();
  const look = async () => {
    setError(undefined);
    setDone(0);
    try {
      const found = await becomingOf(arns, setDone);
      setAll(new Map(found.map((one) => [one.principalArn, one])));
    } catch (problem) {
      setAll(undefined);
      setError(problem);
    } finally {
      setDone(undefined);
    }
  };
  return (
    <SpaceBetween size="l">
      <Button variant="primary" loading={done !== undefined} disabled={arns.length === 0} onClick={() => void look()}>
        {t("showMatrix", { count: arns.length })}
      </Button>
      {done !== undefined && <ProgressBar value={(100 * done) / arns.length} label={t("becoming")} additionalInfo={`${done} / ${arns.length}`} />}
      {error !== undefined && <Problem error={error} />}
      {all && (
        <SpaceBetween size="l">
          <Container>
            <SpaceBetween size="s">
              <Box color="text-body-secondary">{t("becomingLegend")}</Box>
              <Graph all={all} away={away} choose={choose} />
              <Box color="text-body-secondary">{t("chooseForWay")}</Box>
            </SpaceBetween>
          </Container>
          {chosen !== undefined && all.has(chosen) && <Way arn={chosen} all={all} away={away} />}
          <Table all={all} away={away} reload={() => void look()} chosen={chosen} choose={choose} />
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

export default function BecomingPage() {
  const principals = useCall("everybody", everybody);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("becomingText")}>
        {t("becoming")}
      </Header>
      <Answer call={principals}>{() => <Look principals={principals} />}</Answer>
    </SpaceBetween>
  );
}
