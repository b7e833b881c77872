import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { Decision, Explained, ExplainedPolicy, ExplainedStatement, PolicyKind, Question } from "../access";
import { explainAccess } from "../access";
import { useCall } from "../calls";
import { lastName } from "../session";
import { type Key, t } from "../text";
import { Answer } from "./parts";

const KINDS: Record<PolicyKind, Key> = {
  scp: "scps",
  rcp: "rcps",
  resource: "resourcePolicy",
  trust: "trustPolicy",
  identity: "identityPolicies",
  boundary: "boundary",
  session: "sessionPolicy",
  scope: "scopePolicy",
  none: "none",
};

const SAYS: Record<Decision, { text: Key; type: StatusIndicatorProps.Type }> = {
  allowed: { text: "stageAllows", type: "success" },
  explicitDeny: { text: "stageDenies", type: "error" },
  implicitDeny: { text: "stageSilent", type: "stopped" },
};

const VERDICTS: Record<Decision, { text: Key; type: StatusIndicatorProps.Type }> = {
  allowed: { text: "allowed", type: "success" },
  explicitDeny: { text: "explicitDeny", type: "error" },
  implicitDeny: { text: "implicitDeny", type: "error" },
};

const NEAR = 4; // lines around a statement that is shown

interface Line {
  text: string;
  statement?: number;
}

const MOST = 16; // entries of one list that are shown

// A list of a statement may have thousands of actions: those of the service that was asked for are of interest.
function shortened(action: string) {
  const service = action.slice(0, action.indexOf(":") + 1).toLowerCase();
  const isNear = (value: unknown) => typeof value === "string" && value.toLowerCase().startsWith(service);
  return (_: string, value: unknown): unknown => {
    if (!Array.isArray(value) || value.length <= MOST) return value;
    const all = value as unknown[];
    const shown = [...all.filter(isNear), ...all.filter((one) => !isNear(one))].slice(0, MOST);
    return [...shown, t("andMore", { count: all.length - shown.length })];
  };
}

// The document as lines, each with the number of the statement that it is of.
function linesOf(document: string, action: string): Line[] {
  const parsed = JSON.parse(document) as { Statement?: unknown };
  const { Statement, ...head } = parsed;
  const statements = Array.isArray(Statement) ? (Statement as unknown[]) : [Statement];
  const members = Object.entries(head).map(([name, value]): Line => ({ text: `  ${JSON.stringify(name)}: ${JSON.stringify(value)},` }));
  const body = statements.flatMap((statement, index): Line[] => {
    const text = JSON.stringify(statement, shortened(action), 2) + (index < statements.length - 1 ? "," : "");
    return text.split("\n").map((line) => ({ text: `    ${line}`, statement: index }));
  });
  return [{ text: "{" }, ...members, { text: '  "Statement": [' }, ...body, { text: "  ]" }, { text: "}" }];
}

function markOf(told: ExplainedStatement | undefined): string {
  if (!told) return "";
  if (!told.applies) return "near";
  return `${told.effect === "Allow" ? "allows" : "denies"}${told.isDeciding ? " deciding" : ""}`;
}

// A policy with the statements marked that count. Of a long one, what is around them.
function MarkedDocument({ policy, action }: { policy: ExplainedPolicy; action: string }) {
  const lines = linesOf(policy.document ?? "", action);
  const told = new Map(policy.statements.map((statement) => [statement.index, statement]));
  const wanted = lines.map(({ statement }) => statement !== undefined && told.has(statement));
  const isShown = (at: number) => lines.length <= 60 || wanted.slice(Math.max(0, at - NEAR), at + NEAR + 1).includes(true);
  return (
    <pre className="code marked" tabIndex={0} role="region" aria-label={t("documentOf", { name: policy.name })}>
      {lines.map((line, at) => {
        if (!isShown(at)) return at > 0 && isShown(at - 1) ? <span key={at}>...</span> : null;
        const mark = line.statement === undefined ? "" : markOf(told.get(line.statement));
        return mark === "" ? <span key={at}>{line.text}</span> : <mark key={at} className={mark}>{line.text}</mark>;
      })}
    </pre>
  );
}

function Part({ part, wanted, given }: ExplainedStatement["failedParts"][number]) {
  return (
    <li>
      <b>{part}</b>: {t("partWants", { wanted: wanted.length > 300 ? `${wanted.slice(0, 300)}...` : wanted, given })}
    </li>
  );
}

function StatementTold({ statement }: { statement: ExplainedStatement }) {
  const { sid, index, effect, applies, isDeciding, failedParts } = statement;
  const name = sid || t("statementNumber", { number: index + 1 });
  const type = !applies ? "stopped" : effect === "Allow" ? "success" : "error";
  return (
    <div data-testid={isDeciding ? "deciding-statement" : undefined}>
      <StatusIndicator type={type} wrapText>
        {t(applies ? (effect === "Allow" ? "statementAllows" : "statementDenies") : effect === "Allow" ? "wouldAllow" : "wouldDeny", { name })}
      </StatusIndicator>{" "}
      {isDeciding && <Badge color={effect === "Allow" ? "green" : "red"}>{t("decides")}</Badge>}
      {failedParts.length > 0 && (
        <ul className="parts">
          {failedParts.map((part) => (
            <Part key={part.part} {...part} />
          ))}
        </ul>
      )}
    </div>
  );
}

function PolicyTold({ policy, action }: { policy: ExplainedPolicy; action: string }) {
  const decides = policy.statements.some(({ isDeciding }) => isDeciding);
  const name = policy.name.startsWith("arn:") ? lastName(policy.name) : policy.name;
  return (
    <SpaceBetween size="xxs">
      <Box color="text-body-secondary">{name}</Box>
      {policy.statements.map((statement) => (
        <StatementTold key={statement.index} statement={statement} />
      ))}
      {policy.document !== undefined && (
        <ExpandableSection headerText={t("showDocument")} defaultExpanded={decides}>
          <MarkedDocument policy={policy} action={action} />
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}

// The lane: one stop a kind of policy. Only what is there has a stop.
function Lane({ explained, action }: { explained: Explained; action: string }) {
  const of = (kind: PolicyKind) => explained.policies.filter(({ policyType }) => policyType === kind);
  return (
    <ol className="lane">
      {explained.stages.map(({ policyType, decision, isDeciding }) => (
        <li key={policyType} className={`says-${decision}${isDeciding ? " deciding" : ""}`} data-testid={`stage-${policyType}`}>
          <SpaceBetween size="xs">
            <div>
              <Box variant="strong">{t(KINDS[policyType])}</Box>{" "}
              <StatusIndicator type={SAYS[decision].type}>{t(SAYS[decision].text)}</StatusIndicator>{" "}
              {isDeciding && <Badge color={explained.decision === "allowed" ? "green" : "red"}>{t("decides")}</Badge>}
            </div>
            {of(policyType).map((policy, index) => (
              <PolicyTold key={`${policy.name} ${index}`} policy={policy} action={action} />
            ))}
            {isDeciding && of(policyType).length === 0 && (
              <Box color="text-body-secondary">{t(policyType === "scp" || policyType === "rcp" ? "stageOrganization" : "stageNothing")}</Box>
            )}
          </SpaceBetween>
        </li>
      ))}
    </ol>
  );
}

const WHY: Record<Decision, Key> = { allowed: "traceAllowed", explicitDeny: "traceDenied", implicitDeny: "traceSilent" };

// What the server would decide, and why, policy by policy.
export function Trace({ question }: { question: Question }) {
  const found = useCall(`explain ${JSON.stringify(question)}`, () => explainAccess(question));
  return (
    <div aria-live="polite" data-testid="trace">
      <Answer call={found}>
        {(explained) => (
          <SpaceBetween size="m">
            <div>
              <StatusIndicator type={VERDICTS[explained.decision].type} wrapText>
                <b data-testid="verdict">{t(VERDICTS[explained.decision].text)}</b>
              </StatusIndicator>
              <Box>{t(WHY[explained.decision], { kind: t(KINDS[explained.policyType]) })}</Box>
              {explained.missingKeys.length > 0 && <Box color="text-body-secondary">{t("missingKeys", { keys: explained.missingKeys.join(", ") })}</Box>}
            </div>
            <Lane explained={explained} action={question.action} />
          </SpaceBetween>
        )}
      </Answer>
    </div>
  );
}
