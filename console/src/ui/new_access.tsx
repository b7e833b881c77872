import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useCall, useSettled } from "../calls";
import { jsonProblem } from "../json";
import { insight } from "../signed";
import { type Key, t } from "../text";
import { Answer } from "./parts";
import type { PolicyType } from "./policy_findings";
import { told } from "./problem";

// A request that a statement allows and the document before did not.
interface Grant {
  statementIndex: number;
  sid?: string;
  principalArn?: string; // absent: who did not sign in
  action: string;
  resource: string;
  contextEntries: { key: string; values: string[] }[];
}

interface Compared {
  result: "NONE" | "FOUND" | "UNKNOWN";
  grants: Grant[];
  reason?: string;
}

const MOST = 10; // statements that are told

// Keys that say who calls: told where a document asks for them.
const CALLER = ["aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"];

function Told({ grant, type, documents }: { grant: Grant; type: PolicyType; documents: string }) {
  const { statementIndex, sid, principalArn, action, resource, contextEntries } = grant;
  const keys = contextEntries
    .filter(({ key }) => !CALLER.includes(key.toLowerCase()) || documents.includes(key.toLowerCase()))
    .map(({ key, values }) => `${key} = ${values.join(", ")}`);
  return (
    <li>
      <b>{action}</b> {t("grantOn", { resource })}
      {type !== "IDENTITY_POLICY" && ` ${t("grantBy", { who: principalArn ?? t("anybody") })}`}
      {keys.length > 0 && ` ${t("grantWith", { keys: keys.join("; ") })}`} ({sid ?? t("statementNumber", { number: statementIndex + 1 })})
    </li>
  );
}

// What a changed document grants that the one in force does not, with a request that shows it for each statement: said, and nobody is kept
// from saving. `before`: empty where there is none in force.
export function NewAccess({ before, after, type }: { before: string; after: string; type: PolicyType }) {
  const settled = useSettled(after);
  const found = useCall(`new access ${type} ${before} ${settled}`, async (): Promise<Compared | Key | undefined> => {
    if (settled === before || !settled.trim() || jsonProblem(settled) !== undefined) return undefined;
    try {
      const input = { newPolicyDocument: settled, existingPolicyDocument: before || undefined, policyType: type };
      return await insight<Compared>("/find-new-access", input);
    } catch (error) {
      const { denied, code } = told(error);
      if (denied) return "newAccessDenied";
      if (code === "ValidationException") return undefined; // what is wrong with it stands among the findings
      throw error;
    }
  });
  if (!found.loading && found.error === undefined && found.data === undefined) return null;
  return (
    <div aria-live="polite" data-testid="new-access">
      <Answer call={found}>
        {(compared) => {
          if (compared === undefined) return null;
          if (typeof compared === "string") return <Box color="text-body-secondary">{t(compared)}</Box>;
          if (compared.result === "NONE") return <StatusIndicator type="success">{t("newAccessNone")}</StatusIndicator>;
          if (compared.result === "UNKNOWN") {
            return (
              <StatusIndicator type="warning" wrapText>
                {t("newAccessUnknown", { reason: compared.reason ?? "-" })}
              </StatusIndicator>
            );
          }
          return (
            <Alert type="warning" header={t("newAccessFound")}>
              <ul className="parts">
                {compared.grants.slice(0, MOST).map((grant) => (
                  <Told key={grant.statementIndex} grant={grant} type={type} documents={`${before} ${settled}`.toLowerCase()} />
                ))}
              </ul>
              {compared.grants.length > MOST && t("andMore", { count: compared.grants.length - MOST })}
            </Alert>
          );
        }}
      </Answer>
    </div>
  );
}
