import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { t } from "../text";
import { PolicyFindings, type PolicyType } from "./policy_findings";

// A document as the API answers it (percent-encoded) or as it was written, laid out for people.
export function readable(document: string | undefined): string {
  const text = document ?? "";
  const plain = text.trimStart().startsWith("%7B") ? decodeURIComponent(text) : text;
  return formatted(plain) ?? plain;
}

export function formatted(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

// Whether it is JSON is seen here; whether it is a policy the server says.
export function jsonProblem(text: string): string | undefined {
  if (!text.trim()) return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Props {
  value: string;
  onChange: (text: string) => void;
  label?: string;
  error?: string; // the server's answer
  type?: PolicyType; // what the document is to be
  bucket?: string; // whose policy it is
}

export function PolicyText({ value, onChange, label, error, type = "IDENTITY_POLICY", bucket }: Props) {
  const problem = jsonProblem(value);
  return (
    <SpaceBetween size="s">
      <div className="policy">
        <FormField
          label={label ?? t("policyDocument")}
          stretch
          errorText={problem}
          constraintText={t("policyDocumentText")}
        >
          <Textarea
            value={value}
            rows={18}
            spellcheck={false}
            ariaLabel={label ?? t("policyDocument")}
            onChange={({ detail }) => onChange(detail.value)}
          />
        </FormField>
      </div>
      <Button formAction="none" disabled={problem !== undefined} onClick={() => onChange(formatted(value) ?? value)}>
        {t("format")}
      </Button>
      {problem === undefined && value.trim() !== "" && <PolicyFindings text={value} type={type} bucket={bucket} />}
      {error && (
        <Alert type="error" header={t("serverSays")}>
          {error}
        </Alert>
      )}
    </SpaceBetween>
  );
}
