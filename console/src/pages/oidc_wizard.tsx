import { CreateOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { iam } from "../clients";
import { go } from "../router";
import { t } from "../text";
import { done } from "../ui/notices";
import { Facts } from "../ui/parts";
import { Problem } from "../ui/problem";

const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);
const isIssuer = (url: string) => /^https:\/\/[^/\s]+/.test(url);

export default function OidcWizard() {
  const [step, setStep] = useState(0);
  const [url, setUrl] = useState("https://");
  const [audiences, setAudiences] = useState("");
  const [thumbprints, setThumbprints] = useState("");
  const [thenRole, setThenRole] = useState(true);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const create = async () => {
    setWorking(true);
    setError(undefined);
    try {
      const made = await iam.send(
        new CreateOpenIDConnectProviderCommand({
          Url: url,
          ClientIDList: words(audiences),
          ThumbprintList: thumbprints.trim() ? words(thumbprints) : undefined,
        }),
      );
      done(t("created", { what: url }));
      if (thenRole) go(["roles"], { new: "1", provider: made.OpenIDConnectProviderArn ?? "", audience: words(audiences)[0] ?? "" });
      else go(["providers"]);
    } catch (problem) {
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  const providerStep = (
    <Container>
      <FormField label={t("issuerUrl")} constraintText="https://idp.example.com" errorText={tried && !isIssuer(url) ? t("issuerNeeded") : undefined}>
        <Input value={url} autoFocus onChange={({ detail }) => setUrl(detail.value.trim())} />
      </FormField>
    </Container>
  );
  const audienceStep = (
    <Container>
      <SpaceBetween size="m">
        <FormField label={t("audience")} description={t("onePerLine")}>
          <Textarea value={audiences} rows={3} ariaLabel={t("audience")} onChange={({ detail }) => setAudiences(detail.value)} />
        </FormField>
        <FormField label={t("thumbprints")} description={t("thumbprintsText")}>
          <Textarea value={thumbprints} rows={2} ariaLabel={t("thumbprints")} onChange={({ detail }) => setThumbprints(detail.value)} />
        </FormField>
      </SpaceBetween>
    </Container>
  );
  const reviewStep = (
    <Container>
      <SpaceBetween size="m">
        <Facts
          columns={1}
          items={[
            { label: t("issuerUrl"), value: url },
            { label: t("audience"), value: words(audiences).join(", ") || "-" },
            { label: t("thumbprints"), value: words(thumbprints).join(", ") || "-" },
          ]}
        />
        <Checkbox checked={thenRole} onChange={({ detail }) => setThenRole(detail.checked)}>
          {t("thenRole")}
        </Checkbox>
        {error !== undefined && <Problem error={error} />}
      </SpaceBetween>
    </Container>
  );
  return (
    <Wizard
      activeStepIndex={step}
      isLoadingNextStep={working}
      onCancel={() => go(["providers"])}
      onNavigate={({ detail }) => {
        setTried(true);
        if (detail.requestedStepIndex === 0 || isIssuer(url)) setStep(detail.requestedStepIndex);
      }}
      onSubmit={() => void create()}
      submitButtonText={t("addOidc")}
      i18nStrings={{
        stepNumberLabel: (number) => t("step", { number }),
        collapsedStepsLabel: (number, count) => t("stepOf", { number, count }),
        navigationAriaLabel: t("steps"),
        cancelButton: t("cancel"),
        previousButton: t("previous"),
        nextButton: t("next"),
      }}
      steps={[
        { title: t("provider"), content: providerStep },
        { title: t("audience"), content: audienceStep },
        { title: t("review"), content: reviewStep },
      ]}
    />
  );
}
