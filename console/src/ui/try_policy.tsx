import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { contextEntries, isExplained, principalOf, type Question } from "../access";
import { useCall, useSettled } from "../calls";
import { everybody, shortName } from "../principals";
import { useSession } from "../session";
import { t } from "../text";
import { Trace } from "./trace";

const USUAL = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketPolicy", "s3:PutBucketPolicy"];

// Who a policy may be tried with: everybody here, as far as they may be listed, and who does not sign in.
function PrincipalField({ value, onChange }: { value: string; onChange: (arn: string) => void }) {
  const all = useCall("everybody", async () => {
    try {
      return await everybody();
    } catch {
      return []; // an ARN can be typed
    }
  });
  const options = [{ value: "*", label: "*", description: t("anybody") }, ...(all.data ?? []).map((arn) => ({ value: arn, label: arn, description: shortName(arn) }))];
  return (
    <FormField label={t("principal")} description={t("tryPrincipalText")} stretch>
      <Autosuggest
        value={value}
        options={options}
        statusType={all.loading ? "loading" : "finished"}
        enteredTextLabel={(text) => t("use", { text })}
        ariaLabel={t("principal")}
        empty={t("none")}
        virtualScroll
        onChange={({ detail }) => onChange(detail.value.trim())}
      />
    </FormField>
  );
}

// Asks what the server would decide if the bucket had the policy that is being written.
export function TryBucketPolicy({ bucket, text, isPolicy }: { bucket: string; text: string; isPolicy: boolean }) {
  const session = useSession();
  const [principal, setPrincipal] = useState(principalOf(session.arn));
  const [action, setAction] = useState("s3:GetObject");
  const [key, setKey] = useState("*");
  const [keys, setKeys] = useState("");
  const [asked, ask] = useState<Omit<Question, "bucketPolicy">>();
  const [pressed, press] = useState(text); // what stood there when the button was pressed
  const settled = useSettled(text);
  return (
    <Container
      header={
        <Header variant="h2" description={t("tryPolicyText")}>
          {t("tryPolicy")}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const resourceArn = `arn:aws:s3:::${bucket}${key ? `/${key}` : ""}`;
            press(text);
            ask({ principalArn: principal, action, resourceArn, contextEntries: contextEntries(keys) });
          }}
        >
          <SpaceBetween size="m">
            <PrincipalField value={principal} onChange={setPrincipal} />
            <ColumnLayout columns={2}>
              <FormField label={t("action")} stretch>
                <Autosuggest
                  value={action}
                  options={USUAL.map((value) => ({ value }))}
                  enteredTextLabel={(entered) => t("use", { text: entered })}
                  ariaLabel={t("action")}
                  onChange={({ detail }) => setAction(detail.value.trim())}
                />
              </FormField>
              <FormField label={t("tryKey")} description={t("tryKeyText")} stretch>
                <Input value={key} onChange={({ detail }) => setKey(detail.value)} />
              </FormField>
            </ColumnLayout>
            <ExpandableSection headerText={t("contextKeys")}>
              <FormField label={t("contextKeys")} description={t("contextKeysText")} stretch>
                <Textarea value={keys} rows={3} placeholder="aws:SourceIp=203.0.113.7" onChange={({ detail }) => setKeys(detail.value)} />
              </FormField>
            </ExpandableSection>
            <Button disabled={!isPolicy || !isExplained(principal) || !action}>{t("tryIt")}</Button>
          </SpaceBetween>
        </form>
        {asked && isPolicy && <Trace question={{ ...asked, bucketPolicy: pressed === text ? text : settled }} />}
      </SpaceBetween>
    </Container>
  );
}
