import { type ContextKeyTypeEnum, type EvaluationResult, SimulatePrincipalPolicyCommand, type Statement } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { contextEntries, isExplained, principalOf, type Question } from "../access";
import { iam } from "../clients";
import { usePlace } from "../router";
import { useSession } from "../session";
import { t } from "../text";
import { Problem } from "../ui/problem";
import { Trace } from "../ui/trace";

const lines = (text: string) => text.split(/[\s,]+/).filter(Boolean);

const context = (text: string) =>
  contextEntries(text).map(({ key, values }) => ({ ContextKeyName: key, ContextKeyType: "string" as ContextKeyTypeEnum, ContextKeyValues: values }));

function Verdict({ result }: { result: EvaluationResult }) {
  switch (result.EvalDecision) {
    case "allowed":
      return <StatusIndicator type="success">{t("allowed")}</StatusIndicator>;
    case "explicitDeny":
      return <StatusIndicator type="error">{t("explicitDeny")}</StatusIndicator>;
    default:
      return <StatusIndicator type="stopped">{t("implicitDeny")}</StatusIndicator>;
  }
}

const where = ({ SourcePolicyId, SourcePolicyType, StartPosition }: Statement) =>
  `${SourcePolicyId ?? ""} (${SourcePolicyType ?? ""}${StartPosition?.Line ? `, ${t("line", { line: StartPosition.Line })}` : ""})`;

export default function Simulator() {
  const session = useSession();
  const { params } = usePlace();
  const [principal, setPrincipal] = useState(principalOf(params.get("principal") || session.arn));
  const [actions, setActions] = useState(params.get("action") ?? "");
  const [resources, setResources] = useState(params.get("resource") || "*");
  const [keys, setKeys] = useState("");
  const [results, setResults] = useState<EvaluationResult[]>();
  const [why, askWhy] = useState<Question>();
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const ask = async () => {
    setWorking(true);
    setError(undefined);
    askWhy(undefined);
    try {
      const found: EvaluationResult[] = [];
      let Marker: string | undefined;
      do {
        const answer = await iam.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: principal,
            ActionNames: lines(actions),
            ResourceArns: lines(resources),
            ContextEntries: context(keys),
            Marker,
          }),
        );
        found.push(...(answer.EvaluationResults ?? []));
        Marker = answer.IsTruncated ? answer.Marker : undefined;
      } while (Marker);
      setResults(found);
    } catch (problem) {
      setResults(undefined);
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("simulatorText")}>
        {t("simulator")}
      </Header>
      <Container>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (lines(actions).length > 0) void ask();
          }}
        >
          <SpaceBetween size="m">
            <FormField label={t("principal")} description={t("principalText")} stretch>
              <Input value={principal} onChange={({ detail }) => setPrincipal(detail.value.trim())} />
            </FormField>
            <FormField label={t("actions")} description={t("onePerLine")} stretch>
              <Textarea value={actions} rows={3} placeholder="s3:GetObject" onChange={({ detail }) => setActions(detail.value)} />
            </FormField>
            <FormField label={t("resources")} description={t("onePerLine")} stretch>
              <Textarea value={resources} rows={2} onChange={({ detail }) => setResources(detail.value)} />
            </FormField>
            <ExpandableSection headerText={t("contextKeys")} defaultExpanded={false}>
              <FormField label={t("contextKeys")} description={t("contextKeysText")} stretch>
                <Textarea value={keys} rows={3} placeholder="aws:SourceIp=203.0.113.7" onChange={({ detail }) => setKeys(detail.value)} />
              </FormField>
            </ExpandableSection>
            <Button variant="primary" loading={working} disabled={!principal || lines(actions).length === 0}>
              {t("simulate")}
            </Button>
          </SpaceBetween>
        </form>
      </Container>
      {error !== undefined && <Problem error={error} />}
      {results && (
        <Table
          header={<Header variant="h2" counter={`(${results.length})`}>{t("results")}</Header>}
          items={results}
          trackBy={({ EvalActionName, EvalResourceName }) => `${EvalActionName} ${EvalResourceName}`}
          wrapLines
          ariaLabels={{ tableLabel: t("results"), selectionGroupLabel: t("choose") }}
          columnDefinitions={[
            { id: "action", header: t("action"), cell: ({ EvalActionName }) => EvalActionName, isRowHeader: true },
            { id: "resource", header: t("resource"), cell: ({ EvalResourceName }) => EvalResourceName },
            { id: "verdict", header: t("verdict"), cell: (result) => <Verdict result={result} /> },
            {
              id: "statements",
              header: t("decidedBy"),
              cell: ({ MatchedStatements, MissingContextValues }) => (
                <>
                  {(MatchedStatements ?? []).map((statement, index) => (
                    <Box key={index}>{where(statement)}</Box>
                  ))}
                  {(MissingContextValues ?? []).length > 0 && <Box>{t("missingKeys", { keys: MissingContextValues!.join(", ") })}</Box>}
                  {(MatchedStatements ?? []).length === 0 && (MissingContextValues ?? []).length === 0 && "-"}
                </>
              ),
            },
            ...(isExplained(principal)
              ? [
                  {
                    id: "why",
                    header: t("details"),
                    cell: ({ EvalActionName, EvalResourceName }: EvaluationResult) => (
                      <Button
                        variant="inline-link"
                        ariaLabel={t("whyOf", { action: EvalActionName ?? "" })}
                        onClick={() =>
                          askWhy({
                            principalArn: principal,
                            action: EvalActionName ?? "",
                            resourceArn: EvalResourceName ?? "*",
                            contextEntries: contextEntries(keys),
                          })
                        }
                      >
                        {t("whyDenied")}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
          empty={t("none")}
        />
      )}
      {why && (
        <Container
          header={
            <Header variant="h2" description={`${why.action}, ${why.resourceArn}`}>
              {t("why")}
            </Header>
          }
        >
          <Trace question={why} />
        </Container>
      )}
    </SpaceBetween>
  );
}
