import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { usePaged } from "../calls";
import { ageInDays, credentialReport, OLD_KEY_DAYS, type Report, type ReportRow } from "../credential_report";
import { saveAs } from "../download";
import { t, when } from "../text";
import { Listing } from "../ui/listing";
import { To } from "../ui/parts";

const TIME = /^\d{4}-\d\d-\d\dT/;

function shown(value: string | undefined): string {
  if (value === undefined || value === "N/A" || value === "no_information" || value === "not_supported") return "-";
  return TIME.test(value) ? when(new Date(value)) : value;
}

function YesNo({ row, column, isBad }: { row: ReportRow; column: string; isBad: boolean }) {
  const value = row[column];
  if (value !== "true" && value !== "false") return <>-</>;
  const yes = value === "true";
  return <StatusIndicator type={yes ? "success" : isBad ? "warning" : "stopped"}>{yes ? t("yes") : t("no")}</StatusIndicator>;
}

function Key({ row, number }: { row: ReportRow; number: 1 | 2 }) {
  if (row[`access_key_${number}_active`] !== "true") return <>-</>;
  const age = ageInDays(row[`access_key_${number}_last_rotated`]);
  return <StatusIndicator type={(age ?? 0) > OLD_KEY_DAYS ? "warning" : "success"}>{t("days", { days: age ?? "?" })}</StatusIndicator>;
}

export default function CredentialReport() {
  const [report, setReport] = useState<Report>();
  const [fresh, setFresh] = useState(0);
  const rows = usePaged<ReportRow>(`report-${fresh}`, async () => {
    const made = await credentialReport(fresh > 0);
    setReport(made);
    return { items: made.rows };
  });
  return (
    <Listing
      title={t("report")}
      description={report?.made ? t("reportMade", { when: when(report.made) }) : t("reportText")}
      paged={rows}
      id={({ arn }) => arn ?? ""}
      text={({ user }) => user ?? ""}
      empty={t("noUsers")}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button loading={rows.loading} onClick={() => setFresh(fresh + 1)}>
            {t("makeReport")}
          </Button>
          <Button disabled={!report} iconName="download" onClick={() => report && saveAs("credential-report.csv", report.csv, "text/csv")}>
            CSV
          </Button>
        </SpaceBetween>
      }
      columns={[
        {
          id: "user",
          header: t("userName"),
          cell: ({ user = "" }) => (user.startsWith("<") ? user : <To path={["users", user]}>{user}</To>),
          isRowHeader: true,
        },
        { id: "password", header: t("password"), cell: (row) => <YesNo row={row} column="password_enabled" isBad={false} /> },
        { id: "mfa", header: "MFA", cell: (row) => <YesNo row={row} column="mfa_active" isBad={row.password_enabled === "true"} /> },
        { id: "used", header: t("passwordLastUsed"), cell: ({ password_last_used }) => shown(password_last_used) },
        { id: "key1", header: t("keyNumber", { n: 1 }), cell: (row) => <Key row={row} number={1} /> },
        { id: "used1", header: t("lastUsed"), cell: ({ access_key_1_last_used_date }) => shown(access_key_1_last_used_date) },
        { id: "key2", header: t("keyNumber", { n: 2 }), cell: (row) => <Key row={row} number={2} /> },
        { id: "used2", header: t("lastUsed"), cell: ({ access_key_2_last_used_date }) => shown(access_key_2_last_used_date) },
      ]}
    />
  );
}
