import { GetAccountSummaryCommand, ListAccessKeysCommand, ListMFADevicesCommand } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useState } from "react";
import { useCall } from "../calls";
import { iam } from "../clients";
import { ageInDays, credentialReport, OLD_KEY_DAYS, type ReportRow } from "../credential_report";
import { link } from "../router";
import { ownUserName, type Session, useSession } from "../session";
import { t, when } from "../text";
import { Answer, Copied, Facts, To } from "../ui/parts";
import { told } from "../ui/problem";

function remaining(ends: Date, now: number): string {
  const minutes = Math.max(0, Math.floor((ends.getTime() - now) / 60_000));
  return t("timeLeft", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function Who({ session }: { session: Session }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Container header={<Header variant="h2">{t("whoYouAre")}</Header>}>
      <Facts
        columns={2}
        items={[
          { label: "ARN", value: <Copied text={session.arn} /> },
          { label: t("accountId"), value: <Copied text={session.account} /> },
          { label: t("signedInUntil"), value: `${when(session.ends)} (${remaining(session.ends, now)})` },
          {
            label: t("mfa"),
            value: session.mfa ? (
              <StatusIndicator type="success">{t("mfaGiven")}</StatusIndicator>
            ) : (
              <StatusIndicator type="info">{t("mfaNotGiven")}</StatusIndicator>
            ),
          },
        ]}
      />
    </Container>
  );
}

interface Finding {
  text: string;
  path: string[];
}

// What an operator would want to hear of, from the credential report.
function findings(rows: ReportRow[], own: string | undefined): Finding[] {
  const found: Finding[] = [];
  for (const row of rows) {
    const isRoot = row.user === "<root_account>";
    const user = row.user ?? "";
    const path = isRoot ? ["report"] : user === own ? ["security"] : ["users", user];
    const hasPassword = row.password_enabled === "true";
    if (hasPassword && row.mfa_active === "false") found.push({ text: t("findNoMfa", { user }), path });
    for (const number of [1, 2]) {
      if (row[`access_key_${number}_active`] !== "true") continue;
      if (isRoot) found.push({ text: t("findRootKey"), path });
      const age = ageInDays(row[`access_key_${number}_last_rotated`]);
      if (age !== undefined && age > OLD_KEY_DAYS) found.push({ text: t("findOldKey", { user, days: age }), path });
    }
  }
  return found;
}

// The same of one's own credentials, for users who may not see the report of all.
async function ownFindings(user: string): Promise<Finding[]> {
  const [{ MFADevices }, { AccessKeyMetadata }] = await Promise.all([
    iam.send(new ListMFADevicesCommand({ UserName: user })),
    iam.send(new ListAccessKeysCommand({ UserName: user })),
  ]);
  const found: Finding[] = MFADevices?.length ? [] : [{ text: t("findNoMfa", { user }), path: ["security"] }];
  for (const { CreateDate, Status } of AccessKeyMetadata ?? []) {
    const days = ageInDays(CreateDate) ?? 0;
    if (Status === "Active" && days > OLD_KEY_DAYS) found.push({ text: t("findOldKey", { user, days }), path: ["security"] });
  }
  return found;
}

async function whatNeedsAttention(session: Session): Promise<{ all: Finding[]; isOwnOnly: boolean }> {
  try {
    return { all: findings((await credentialReport()).rows, ownUserName(session)), isOwnOnly: false };
  } catch (error) {
    const user = ownUserName(session);
    if (user === undefined || !told(error).denied) throw error;
    try {
      return { all: await ownFindings(user), isOwnOnly: true };
    } catch {
      throw error; // the refusal of the report says more
    }
  }
}

const SHOWN = 10;

function Attention({ session }: { session: Session }) {
  const report = useCall("home-report", () => whatNeedsAttention(session));
  return (
    <Container header={<Header variant="h2">{t("attention")}</Header>}>
      <Answer call={report}>
        {({ all, isOwnOnly }) => {
          if (all.length === 0 && !isOwnOnly) {
            return <StatusIndicator type="success">{t("attentionNone")}</StatusIndicator>;
          }
          return (
            <SpaceBetween size="xs">
              {isOwnOnly && <Box color="text-body-secondary">{t("attentionOwn")}</Box>}
              {all.slice(0, SHOWN).map((finding, index) => (
                <StatusIndicator key={index} type="warning" wrapText>
                  <Link href={link(finding.path)}>{finding.text}</Link>
                </StatusIndicator>
              ))}
              {all.length > SHOWN && <To path={["report"]}>{t("attentionMore", { count: all.length - SHOWN })}</To>}
            </SpaceBetween>
          );
        }}
      </Answer>
    </Container>
  );
}

function Counts() {
  const summary = useCall("summary", async () => (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {});
  const counts = [
    ["users", "Users"],
    ["groups", "Groups"],
    ["roles", "Roles"],
    ["policies", "Policies"],
  ] as const;
  return (
    <Container header={<Header variant="h2">{t("inThisAccount")}</Header>}>
      <Answer call={summary}>
        {(map) => (
          <ColumnLayout columns={4} variant="text-grid">
            {counts.map(([page, name]) => (
              <div key={page}>
                <Box variant="awsui-key-label">{t(page)}</Box>
                <Link variant="awsui-value-large" href={link([page])} ariaLabel={`${t(page)}: ${(map as Record<string, number>)[name] ?? 0}`}>
                  {(map as Record<string, number>)[name] ?? 0}
                </Link>
              </div>
            ))}
          </ColumnLayout>
        )}
      </Answer>
    </Container>
  );
}

export default function Home() {
  const session = useSession();
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("homeText")}>
        {t("home")}
      </Header>
      {session.role && <Alert type="info">{t("roleNote", { role: session.role.name })}</Alert>}
      <Who session={session} />
      <Attention session={session} />
      <Counts />
    </SpaceBetween>
  );
}
