import { DecodeAuthorizationMessageCommand } from "@aws-sdk/client-sts";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { type ContextEntry, isExplained, principalOf } from "../access";
import { useCall } from "../calls";
import { sts } from "../clients";
import { go, link, usePlace } from "../router";
import { here, lastName, leaveBy, useSession } from "../session";
import { t } from "../text";
import { Answer, Code, Copied, Facts } from "../ui/parts";
import { told } from "../ui/problem";
import { Trace } from "../ui/trace";

interface Items<T> {
  items?: T[];
}

interface Condition {
  operator?: string;
  key?: string;
  values?: Items<{ value?: string }>;
}

type Values = Items<{ value?: string }>;

interface Statement {
  statementId?: string;
  effect?: string;
  principals?: Values;
  actions?: Values;
  notActions?: Values;
  resources?: Values;
  notResources?: Values;
  conditions?: Items<Condition>;
}

interface Decoded {
  allowed?: boolean;
  explicitDeny?: boolean;
  matchedStatements?: Items<Statement>;
  context?: {
    principal?: { id?: string; name?: string; arn?: string };
    action?: string;
    resource?: string;
    conditions?: Items<Condition>;
  };
}

const list = (values: Values | undefined) => (values?.items ?? []).map(({ value }) => value ?? "").join(", ");

// The statement that refused, as a policy would have it.
function Refusing({ statement }: { statement: Statement }) {
  const rows: [string, string][] = [
    ["Sid", statement.statementId ?? ""],
    ["Effect", statement.effect ?? ""],
    ["Principal", list(statement.principals)],
    ["Action", list(statement.actions)],
    ["NotAction", list(statement.notActions)],
    ["Resource", list(statement.resources)],
    ["NotResource", list(statement.notResources)],
    ...(statement.conditions?.items ?? []).map(({ operator, key, values }): [string, string] => [`${operator ?? ""} ${key ?? ""}`.trim(), list(values)]),
  ];
  return <Facts columns={2} items={rows.filter(([, value]) => value !== "").map(([label, value]) => ({ label, value }))} />;
}

// The context of the request as it was. What the server adds of its own accord it adds again.
function contextOf(conditions: Condition[]): ContextEntry[] {
  return conditions
    .map(({ key, values }) => ({ key: key ?? "", values: (values?.items ?? []).map(({ value }) => value ?? "") }))
    .filter(({ key, values }) => key.includes(":") && values.length > 0)
    .slice(0, 50);
}

// How the same request would be decided now: a policy may have changed since.
function Now({ decoded: { context } }: { decoded: Decoded }) {
  const principalArn = principalOf(context?.principal?.arn ?? "");
  if (!context?.action || !context.resource || !isExplained(principalArn)) return null;
  const question = { principalArn, action: context.action, resourceArn: context.resource, contextEntries: contextOf(context.conditions?.items ?? []) };
  return (
    <Container
      header={
        <Header variant="h2" description={t("decidedNowText")}>
          {t("decidedNow")}
        </Header>
      }
    >
      <Trace question={question} />
    </Container>
  );
}

function Explained({ decoded }: { decoded: Decoded }) {
  const { context } = decoded;
  const statements = decoded.matchedStatements?.items ?? [];
  const keys = context?.conditions?.items ?? [];
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t("whatWasAsked")}</Header>}>
        <Facts
          columns={1}
          items={[
            { label: t("principal"), value: <Copied text={context?.principal?.arn ?? "-"} /> },
            { label: t("action"), value: <Copied text={context?.action ?? "-"} /> },
            { label: t("resource"), value: <Copied text={context?.resource ?? "-"} /> },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">{t("whyRefused")}</Header>}>
        <SpaceBetween size="m">
          <StatusIndicator type="error" wrapText>
            {decoded.explicitDeny ? t("explicitDeny") : t("implicitDeny")}
          </StatusIndicator>
          {statements.map((statement, index) => (
            <Refusing key={index} statement={statement} />
          ))}
          <Box>{decoded.explicitDeny ? t("explicitDenyText") : t("implicitDenyText")}</Box>
          <Button
            href={link(["simulator"], {
              principal: context?.principal?.arn ?? "",
              action: context?.action ?? "",
              resource: context?.resource ?? "",
            })}
          >
            {t("tryInSimulator")}
          </Button>
        </SpaceBetween>
      </Container>
      <Now decoded={decoded} />
      <Table
        header={<Header variant="h2" counter={`(${keys.length})`}>{t("contextKeys")}</Header>}
        items={keys}
        trackBy={({ key }) => key ?? ""}
        wrapLines
        ariaLabels={{ tableLabel: t("contextKeys"), selectionGroupLabel: t("choose") }}
        columnDefinitions={[
          { id: "key", header: t("key"), cell: ({ key }) => key, isRowHeader: true },
          { id: "value", header: t("value"), cell: ({ values }) => list(values) },
        ]}
        empty={t("none")}
      />
      <ExpandableSection headerText={t("wholeMessage")}>
        <Code label={t("wholeMessage")}>{JSON.stringify(decoded, null, 2)}</Code>
      </ExpandableSection>
    </SpaceBetween>
  );
}

function Decode({ message }: { message: string }) {
  const decoded = useCall(message, async () => {
    const answer = await sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: message }));
    return JSON.parse(answer.DecodedMessage ?? "{}") as Decoded;
  });
  if (decoded.error !== undefined && !decoded.loading && told(decoded.error).denied) {
    return <HandOver refusal={told(decoded.error).message} />;
  }
  return <Answer call={decoded}>{(data) => <Explained decoded={data} />}</Answer>;
}

// Who may not decode the message can hand the page to somebody who may; who acts as a role may be that one.
function HandOver({ refusal }: { refusal: string }) {
  const { role } = useSession();
  return (
    <Alert
      type="info"
      header={t("handOver")}
      action={
        role && (
          <Button onClick={() => leaveBy(here("/_console/exitrole"), location.hash)}>{t("lookAs", { who: lastName(role.original) })}</Button>
        )
      }
    >
      <SpaceBetween size="s">
        <Box>{t("handOverText")}</Box>
        <Copied text={location.href} label={t("copyLink")} />
        <Box variant="small" color="text-body-secondary">
          {refusal}
        </Box>
      </SpaceBetween>
    </Alert>
  );
}

export default function Denied() {
  const { params } = usePlace();
  const text = params.get("text");
  const message = params.get("message") ?? "";
  const request = params.get("request");
  const [typed, setTyped] = useState("");
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("whyDeniedText")}>
        {t("whyDeniedPage")}
      </Header>
      {text && (
        <Alert type="warning" header={t("serverSays")}>
          <SpaceBetween size="xs">
            <span>{text}</span>
            {request && (
              <Box variant="small">
                {t("requestId")}: <Copied text={request} />
              </Box>
            )}
          </SpaceBetween>
        </Alert>
      )}
      {text && !message && <Alert type="info">{t("noMessage")}</Alert>}
      {message && <Decode key={message} message={message} />}
      <Container header={<Header variant="h2">{t("decodeAnother")}</Header>}>
        <SpaceBetween size="m">
          <FormField label={t("encodedMessage")} description={t("encodedMessageText")} stretch>
            <Textarea value={typed} rows={4} onChange={({ detail }) => setTyped(detail.value)} ariaLabel={t("encodedMessage")} />
          </FormField>
          <Button disabled={!typed.trim()} onClick={() => go(["denied"], { message: typed.trim() })}>
            {t("decode")}
          </Button>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
