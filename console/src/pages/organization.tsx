import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useCall, usePaged } from "../calls";
import { formatted } from "../json";
import { targeted } from "../signed";
import { t } from "../text";
import { Listing } from "../ui/listing";
import { Answer, Code, Copied, Facts } from "../ui/parts";
import { told } from "../ui/problem";

interface Organization {
  Id: string;
  MasterAccountId: string;
  FeatureSet?: string;
}

interface PolicySummary {
  Id: string;
  Name: string;
  AwsManaged?: boolean;
}

interface Target {
  TargetId: string;
  Name?: string;
  Type?: string;
}

type Kind = "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY";

function Policy({ id }: { id: string }) {
  const policy = useCall(`organization-policy-${id}`, async () => {
    const [{ Policy: found }, { Targets }] = await Promise.all([
      targeted<{ Policy: { Content: string; PolicySummary: PolicySummary } }>("organizations", "DescribePolicy", { PolicyId: id }),
      targeted<{ Targets: Target[] }>("organizations", "ListTargetsForPolicy", { PolicyId: id }),
    ]);
    return { text: formatted(found.Content) ?? found.Content, targets: Targets };
  });
  return (
    <Container header={<Header variant="h2">{t("policyDocument")}</Header>}>
      <Answer call={policy}>
        {({ text, targets }) => (
          <SpaceBetween size="m">
            <Facts columns={1} items={[{ label: t("attachments"), value: targets.map(({ Name, TargetId }) => Name ?? TargetId).join(", ") || t("none") }]} />
            <Code label={t("policyDocument")}>{text}</Code>
          </SpaceBetween>
        )}
      </Answer>
    </Container>
  );
}

function Policies() {
  const [kind, setKind] = useState<Kind>("SERVICE_CONTROL_POLICY");
  const policies = usePaged<PolicySummary>(`organization-${kind}`, async (NextToken) => {
    const answer = await targeted<{ Policies?: PolicySummary[]; NextToken?: string }>("organizations", "ListPolicies", { Filter: kind, NextToken });
    return { items: answer.Policies ?? [], next: answer.NextToken };
  });
  const [chosen, choose] = useState<PolicySummary>();
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label={t("kind")}
        selectedId={kind}
        onChange={({ detail }) => {
          setKind(detail.selectedId as Kind);
          choose(undefined);
        }}
        options={[
          { id: "SERVICE_CONTROL_POLICY", text: t("scps") },
          { id: "RESOURCE_CONTROL_POLICY", text: t("rcps") },
        ]}
      />
      <Listing
        level="h2"
        title={t("policies")}
        paged={policies}
        id={({ Id }) => Id}
        text={({ Name }) => Name}
        empty={t("noPolicies")}
        selected={chosen}
        onSelect={choose}
        columns={[
          { id: "name", header: t("policyName"), cell: ({ Name }) => Name, isRowHeader: true },
          { id: "id", header: "ID", cell: ({ Id }) => Id },
          { id: "managed", header: t("scopeManaged"), cell: ({ AwsManaged }) => (AwsManaged ? t("yes") : t("no")) },
        ]}
      />
      {chosen && <Policy key={chosen.Id} id={chosen.Id} />}
    </SpaceBetween>
  );
}

export default function OrganizationPage() {
  const organization = useCall("organization", async () => {
    try {
      return { found: (await targeted<{ Organization: Organization }>("organizations", "DescribeOrganization", {})).Organization };
    } catch (error) {
      if (told(error).code === "AWSOrganizationsNotInUseException") return { found: undefined };
      throw error;
    }
  });
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("organizationText")}>
        {t("organization")}
      </Header>
      <Answer call={organization}>
        {({ found }) =>
          found ? (
            <SpaceBetween size="l">
              <Container>
                <Facts
                  columns={2}
                  items={[
                    { label: "ID", value: <Copied text={found.Id} /> },
                    { label: t("managementAccount"), value: <Copied text={found.MasterAccountId} /> },
                  ]}
                />
              </Container>
              <Policies />
            </SpaceBetween>
          ) : (
            <Alert type="info">{t("noOrganization")}</Alert>
          )
        }
      </Answer>
    </SpaceBetween>
  );
}
