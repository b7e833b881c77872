import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { t } from "../text";

// MaxSigninSessionDuration of roles and passwords, which the bundle's client does not know yet: in hours for people, in seconds for IAM.

export function signinHours(seconds: number | undefined): string {
  return seconds === undefined ? "" : String(seconds / 3600);
}

// What an update says: the new length, or, where the field was emptied, that there is none any more.
export function signinChange(hours: string, before: number | undefined): Record<string, number | boolean> {
  if (hours) return { MaxSigninSessionDuration: Math.round(Number(hours) * 3600) };
  return before === undefined ? {} : { ResetMaxSigninSessionDuration: true };
}

export function SigninDuration({ value, onChange, unset }: { value: string; onChange: (hours: string) => void; unset: string }) {
  return (
    <FormField label={t("maxSignin")} description={t("maxSigninNew")} constraintText={unset}>
      <Input type="number" inputMode="decimal" step={1} value={value} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
