import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { usePlace } from "../router";
import { t } from "../text";
import { Code, Copied } from "../ui/parts";

interface Wanted {
  role: string;
  session: string;
  hours: string;
  issuer: string;
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

// The three requests as a shell's. Secrets go by variables and pipes, where no list of processes shows them.
function asCurl({ role, session, hours, issuer }: Wanted): string {
  const base = location.origin;
  return `# 1. Credentials of the role (needs sts:AssumeRole; your own keys are in the environment)
made=$(curl -sS ${base}/ --aws-sigv4 aws:amz:us-east-1:sts --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\
  -d Action=AssumeRole -d Version=2011-06-15 \\
  --data-urlencode RoleArn=${quoted(role)} --data-urlencode RoleSessionName=${quoted(session)})
part() { sed -n "s/.*<$1>\\([^<]*\\)<.*/\\1/p" <<<"$made"; }

# 2. A sign-in token for them; it works once, for 15 minutes
signin=$(printf '{"sessionId":"%s","sessionKey":"%s","sessionToken":"%s"}' \\
    "$(part AccessKeyId)" "$(part SecretAccessKey)" "$(part SessionToken)" |
  curl -sS ${base}/federation -d Action=getSigninToken -d SessionDuration=${Number(hours) * 3600} \\
    --data-urlencode Session@- | sed 's/.*"SigninToken":"\\([^"]*\\)".*/\\1/')

# 3. The link to open in a browser
echo "${base}/federation?Action=login&Issuer=${encodeURIComponent(issuer)}\\
&Destination=${encodeURIComponent(`${base}/_console/`)}&SigninToken=$signin"`;
}

function asPython({ role, session, hours, issuer }: Wanted): string {
  const base = location.origin;
  return `import json, urllib.parse, urllib.request
import boto3

BASE = ${JSON.stringify(base)}

# 1. Credentials of the role (needs sts:AssumeRole, with your own keys in the environment)
made = boto3.client("sts", endpoint_url=BASE).assume_role(
    RoleArn=${JSON.stringify(role)}, RoleSessionName=${JSON.stringify(session)})["Credentials"]

# 2. A sign-in token for them; it works once, for 15 minutes
session = json.dumps({"sessionId": made["AccessKeyId"], "sessionKey": made["SecretAccessKey"],
                      "sessionToken": made["SessionToken"]})
query = {"Action": "getSigninToken", "SessionDuration": ${Number(hours) * 3600}, "Session": session}
with urllib.request.urlopen(BASE + "/federation", urllib.parse.urlencode(query).encode()) as answer:
    token = json.load(answer)["SigninToken"]

# 3. The link to open in a browser
print(BASE + "/federation?" + urllib.parse.urlencode({
    "Action": "login", "Issuer": ${JSON.stringify(issuer)},
    "Destination": BASE + "/_console/", "SigninToken": token}))`;
}

const HOURS = ["1", "2", "4", "8", "12"];

export default function Federation() {
  const { params } = usePlace();
  const [wanted, setWanted] = useState<Wanted>({
    role: params.get("role") || "arn:aws:iam::123456789012:role/reader",
    session: "jane",
    hours: "12",
    issuer: "https://portal.example.com/",
  });
  const [form, setForm] = useState<"curl" | "python">("curl");
  const change = (part: Partial<Wanted>) => setWanted({ ...wanted, ...part });
  const text = form === "curl" ? asCurl(wanted) : asPython(wanted);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("federationText")}>
        {t("federation")}
      </Header>
      <Container>
        <SpaceBetween size="m">
          <FormField label={t("roleArn")} stretch>
            <Input value={wanted.role} onChange={({ detail }) => change({ role: detail.value.trim() })} />
          </FormField>
          <FormField label={t("sessionName")} description={t("sessionNameText")}>
            <Input value={wanted.session} onChange={({ detail }) => change({ session: detail.value.trim() })} />
          </FormField>
          <FormField label={t("sessionLength")}>
            <Select
              selectedOption={{ value: wanted.hours, label: t("hours", { hours: wanted.hours }) }}
              options={HOURS.map((hours) => ({ value: hours, label: t("hours", { hours }) }))}
              onChange={({ detail }) => change({ hours: detail.selectedOption.value ?? "12" })}
            />
          </FormField>
          <FormField label={t("issuer")} description={t("issuerText")}>
            <Input value={wanted.issuer} onChange={({ detail }) => change({ issuer: detail.value.trim() })} />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container
        header={
          <Header variant="h2" description={t("threeRequestsText")} actions={<Copied text={text} label={t("copy")} />}>
            {t("threeRequests")}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <SegmentedControl
            label={t("threeRequests")}
            selectedId={form}
            onChange={({ detail }) => setForm(detail.selectedId as "curl" | "python")}
            options={[
              { id: "curl", text: "curl" },
              { id: "python", text: "boto3" },
            ]}
          />
          <Code label={t("threeRequests")}>{text}</Code>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
