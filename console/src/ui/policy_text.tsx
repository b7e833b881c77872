import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { formatted, jsonProblem } from "../json";
import { t } from "../text";
import { NewAccess } from "./new_access";
import { PolicyFindings, type PolicyType } from "./policy_findings";

interface Props {
  value: string;
  onChange: (text: string) => void;
  label?: string;
  error?: string; // the server's answer
  type?: PolicyType; // what the document is to be
  bucket?: string; // whose policy it is
  before?: string; // the document in force that it is to replace; empty: there is none
}

export function PolicyText({ value, onChange, label, error, type = "IDENTITY_POLICY", bucket, before }: Props) {
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
      {before !== undefined && value !== before && <NewAccess before={before} after={value} type={type} />}
      {error && (
        <Alert type="error" header={t("serverSays")}>
          {error}
        </Alert>
      )}
    </SpaceBetween>
  );
}
