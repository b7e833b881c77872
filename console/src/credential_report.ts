import { GenerateCredentialReportCommand, GetCredentialReportCommand } from "@aws-sdk/client-iam";
import { iam } from "./clients";
import { told } from "./ui/problem";

export type ReportRow = Record<string, string>;

export interface Report {
  rows: ReportRow[];
  made: Date | undefined;
  csv: string;
}

// One line of RFC 4180: names may have commas in them, and are quoted then.
function fields(line: string): string[] {
  if (!line.includes('"')) return line.split(",");
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}

export function readReport(csv: string): ReportRow[] {
  const [head = "", ...lines] = csv.trim().split(/\r?\n/);
  const names = fields(head);
  return lines.map((line) => Object.fromEntries(fields(line).map((value, index) => [names[index] ?? String(index), value])));
}

// The account's credential report: the one at hand, or a new one when there is none or it is too old. `fresh` asks for a new one first.
export async function credentialReport(fresh = false): Promise<Report> {
  if (fresh) {
    await iam.send(new GenerateCredentialReportCommand({}));
  }
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await iam.send(new GetCredentialReportCommand({}));
      const csv = new TextDecoder().decode(answer.Content);
      return { rows: readReport(csv), made: answer.GeneratedTime, csv };
    } catch (error) {
      const { code } = told(error);
      const isAbsent = /^(ReportNotPresent|ReportExpired|ReportInProgress|CredentialReport(NotPresent|Expired|NotReady))/.test(code);
      if (!isAbsent || attempt >= 10) {
        throw error;
      }
      await iam.send(new GenerateCredentialReportCommand({}));
      await new Promise((resume) => setTimeout(resume, attempt * 200));
    }
  }
}

export const OLD_KEY_DAYS = 90;

export function ageInDays(date: Date | string | undefined): number | undefined {
  const time = date === undefined ? NaN : new Date(date).getTime();
  return Number.isNaN(time) ? undefined : Math.floor((Date.now() - time) / 86_400_000);
}
