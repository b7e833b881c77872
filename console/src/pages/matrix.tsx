import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Pagination from "@cloudscape-design/components/pagination";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useCall } from "../calls";
import { everybody, shortName } from "../principals";
import { link } from "../router";
import { lastName } from "../session";
import { insight } from "../signed";
import { type Key, t } from "../text";
import { Answer } from "../ui/parts";
import { Problem } from "../ui/problem";

type Decision = "allowed" | "explicitDeny" | "implicitDeny";

interface Row {
  principalArn: string;
  decisions: Decision[];
}

const PER_CALL = 100; // principals
const ROWS = 50;
const USUAL = [
  "iam:CreateUser",
  "iam:AttachUserPolicy",
  "iam:PassRole",
  "sts:AssumeRole",
  "s3:ListAllMyBuckets",
  "s3:GetObject",
  "s3:PutObject",
  "s3:DeleteBucket",
];

const WORDS: Record<Decision, Key> = { allowed: "allowed", explicitDeny: "explicitDeny", implicitDeny: "implicitDeny" };
const SIGNS: Record<Decision, string> = { allowed: "\u2713", explicitDeny: "\u2715", implicitDeny: "\u2013" };

function HeatMap({ rows, actions, resource }: { rows: Row[]; actions: string[]; resource: string }) {
  const [page, setPage] = useState(1);
  const pages = Math.max(1, Math.ceil(rows.length / ROWS));
  const shown = rows.slice((Math.min(page, pages) - 1) * ROWS, Math.min(page, pages) * ROWS);
  return (
    <SpaceBetween size="s">
      <div className="heat" tabIndex={0} role="region" aria-label={t("matrix")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("principal")}</th>
              {actions.map((action) => (
                <th key={action} scope="col">
                  {action}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ principalArn, decisions }) => (
              <tr key={principalArn}>
                <th scope="row" title={principalArn}>
                  {shortName(principalArn)}
                </th>
                {decisions.map((decision, index) => (
                  <td key={actions[index]} className={decision}>
                    <a
                      href={link(["simulator"], { principal: principalArn, action: actions[index] ?? "", resource })}
                      aria-label={`${lastName(principalArn)} ${actions[index] ?? ""}: ${t(WORDS[decision])}`}
                      title={t(WORDS[decision])}
                    >
                      {SIGNS[decision]}
                    </a>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <Pagination
          currentPageIndex={Math.min(page, pages)}
          pagesCount={pages}
          onChange={({ detail }) => setPage(detail.currentPageIndex)}
          ariaLabels={{ nextPageLabel: t("nextPage"), previousPageLabel: t("previousPage"), pageLabel: (n) => t("pageNumber", { n }) }}
        />
      )}
      <SpaceBetween direction="horizontal" size="m">
        {(Object.keys(WORDS) as Decision[]).map((decision) => (
          <Box key={decision}>
            <span className={`heat-key ${decision}`}>{SIGNS[decision]}</span> {t(WORDS[decision])}
          </Box>
        ))}
      </SpaceBetween>
    </SpaceBetween>
  );
}

function Matrix({ principals }: { principals: string[] }) {
  const [actions, setActions] = useState(USUAL.join("\n"));
  const [resource, setResource] = useState("*");
  const [found, setFound] = useState<{ rows: Row[]; actions: string[]; resource: string }>();
  const [error, setError] = useState<unknown>();
  const [asked, setAsked] = useState<number>();
  const names = actions.split(/[\s,]+/).filter(Boolean);
  const ask = async () => {
    setError(undefined);
    setAsked(0);
    try {
      const rows: Row[] = [];
      for (let first = 0; first < principals.length; first += PER_CALL) {
        const principalArns = principals.slice(first, first + PER_CALL);
        const answer = await insight<{ results: Row[] }>("/evaluate-access", { principalArns, actions: names, resourceArn: resource || "*" });
        rows.push(...answer.results);
        setAsked(rows.length);
        setFound({ rows: [...rows], actions: names, resource: resource || "*" });
      }
    } catch (problem) {
      setFound(undefined);
      setError(problem);
    } finally {
      setAsked(undefined);
    }
  };
  return (
    <SpaceBetween size="l">
      <Container>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (names.length > 0) void ask();
          }}
        >
          <SpaceBetween size="m">
            <FormField label={t("actions")} description={t("onePerLine")} stretch>
              <Textarea value={actions} rows={4} ariaLabel={t("actions")} onChange={({ detail }) => setActions(detail.value)} />
            </FormField>
            <FormField label={t("resource")} description={t("matrixResourceText")} stretch>
              <Input value={resource} onChange={({ detail }) => setResource(detail.value.trim())} />
            </FormField>
            <Button variant="primary" loading={asked !== undefined} disabled={names.length === 0 || names.length > 100 || principals.length === 0}>
              {t("showMatrix", { count: principals.length })}
            </Button>
          </SpaceBetween>
        </form>
      </Container>
      {asked !== undefined && principals.length > PER_CALL && (
        <ProgressBar value={(100 * asked) / principals.length} label={t("matrix")} additionalInfo={`${asked} / ${principals.length}`} />
      )}
      {error !== undefined && <Problem error={error} />}
      {found && <HeatMap {...found} />}
    </SpaceBetween>
  );
}

export default function MatrixPage() {
  const principals = useCall("everybody", everybody);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("matrixText")}>
        {t("matrix")}
      </Header>
      <Answer call={principals}>{(arns) => <Matrix principals={arns} />}</Answer>
    </SpaceBetween>
  );
}
