import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useCall, useSettled } from "../calls";
import { insight } from "../signed";
import { language, t } from "../text";
import { Answer } from "./parts";
import { Problem, told } from "./problem";

export type PolicyType = "IDENTITY_POLICY" | "TRUST_POLICY" | "BUCKET_POLICY";

interface Position {
  line: number;
  column: number;
}

interface Finding {
  findingType: "ERROR" | "SECURITY_WARNING" | "WARNING" | "SUGGESTION";
  issue: string;
  message: string;
  start: Position;
}

export interface Described {
  findings: Finding[];
  statements: { sid?: string; effect: "Allow" | "Deny"; text: string; start: Position }[];
}

export function describePolicy(policyDocument: string, policyType: PolicyType, bucketName?: string): Promise<Described> {
  return insight<Described>("/describe-policy-document", { policyDocument, policyType, bucketName, locale: language });
}

const MARKS: Record<Finding["findingType"], StatusIndicatorProps.Type> = {
  ERROR: "error",
  SECURITY_WARNING: "warning",
  WARNING: "warning",
  SUGGESTION: "info",
};

function Statements({ described }: { described: Described }) {
  return (
    <ul className="words">
      {described.statements.map(({ sid, effect, text, start }) => (
        <li key={`${start.line}:${start.column}`}>
          <StatusIndicator type={effect === "Allow" ? "success" : "error"} wrapText>
            {sid ? `${sid}: ${text}` : text}
          </StatusIndicator>
        </li>
      ))}
    </ul>
  );
}

// What the server finds in a document that is being written, and what the document says.
export function PolicyFindings({ text, type, bucket }: { text: string; type: PolicyType; bucket?: string }) {
  const settled = useSettled(text);
  const found = useCall(`${type} ${bucket ?? ""} ${settled}`, () => describePolicy(settled, type, bucket));
  // Writing goes on without it.
  if (found.error !== undefined && !found.loading && told(found.error).denied) {
    return <Box color="text-body-secondary">{t("findingsDenied")}</Box>;
  }
  return (
    <div aria-live="polite" data-testid="findings">
      <Answer call={found}>
        {(described) => (
          <SpaceBetween size="xs">
            {described.findings.length === 0 && <StatusIndicator type="success">{t("noFindings")}</StatusIndicator>}
            {described.findings.slice(0, 50).map(({ findingType, issue, message, start }, index) => (
              <StatusIndicator key={index} type={MARKS[findingType]} wrapText>
                {t("lineColumn", { line: start.line, column: start.column })}: {message} ({issue})
              </StatusIndicator>
            ))}
          </SpaceBetween>
        )}
      </Answer>
    </div>
  );
}

// A stored document in words.
export function PolicyInWords({ document, type }: { document: string; type: PolicyType }) {
  const found = useCall(`words ${document}`, () => describePolicy(document, type));
  return (
    <SpaceBetween size="s">
      <Box color="text-body-secondary">{t("inWordsText")}</Box>
      {found.error !== undefined && !found.loading ? (
        <Problem error={found.error} reload={found.reload} />
      ) : (
        <Answer call={found}>{(described) => <Statements described={described} />}</Answer>
      )}
    </SpaceBetween>
  );
}
