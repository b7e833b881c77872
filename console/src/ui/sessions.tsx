import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useCall, usePaged } from "../calls";
import { nameOf } from "../session";
import { signin } from "../signed";
import { t, when } from "../text";
import { Dialog } from "./dialog";
import { Listing } from "./listing";
import { Answer, Copied, Facts } from "./parts";

// As the Sign-In API tells a session; times are seconds since 1970.
interface SignInSession {
  sessionArn: string;
  principalArn: string;
  status: "ACTIVE" | "REVOKED";
  clientId?: string;
  issuedAt: number;
  expiresAt: number;
}

interface Whole extends SignInSession {
  lastUsedAt?: number;
  issuedInRegion?: string;
  originSessionArn?: string;
  userAgent?: string;
}

interface Revoked {
  errors: { sessionArn: string; code: string; message: string }[];
}

const MOST = 5; // that one call revokes

const at = (seconds: number | undefined) => (seconds === undefined ? "-" : when(new Date(seconds * 1000)));
const kindOf = ({ clientId }: SignInSession) => (clientId ? t("sessionOfProgram") : t("sessionOfBrowser"));

async function revoke(sessions: SignInSession[], principalArn: string | undefined): Promise<void> {
  for (let first = 0; first < sessions.length; first += MOST) {
    const sessionArns = sessions.slice(first, first + MOST).map(({ sessionArn }) => sessionArn);
    const { errors } = await signin<Revoked>("/batch-revoke-sessions", { principalArn, sessionArns });
    // One that is over meanwhile is what was wanted.
    const failed = errors.find(({ code }) => code !== "ResourceNotFoundException");
    if (failed) throw Object.assign(new Error(failed.message), { name: failed.code });
  }
}

function Details({ session, owner, onClose }: { session: SignInSession; owner?: string; onClose: () => void }) {
  const found = useCall(session.sessionArn, () => signin<Whole>("/get-session", { sessionArn: session.sessionArn, principalArn: owner }));
  return (
    <Modal visible header={t("session")} onDismiss={onClose} closeAriaLabel={t("close")}>
      <Answer call={found}>
        {(whole) => (
          <Facts
            columns={1}
            items={[
              { label: "ARN", value: <Copied text={whole.sessionArn} /> },
              { label: t("principal"), value: <Copied text={whole.principalArn} /> },
              { label: t("kind"), value: kindOf(whole) },
              { label: t("lastUsed"), value: at(whole.lastUsedAt) },
              { label: t("userAgent"), value: whole.userAgent ?? "-" },
              { label: t("region"), value: whole.issuedInRegion ?? "-" },
              { label: t("sessionOrigin"), value: whole.originSessionArn ?? "-" },
            ]}
          />
        )}
      </Answer>
    </Modal>
  );
}

// Sign-in sessions of the caller, or of who is named ("arn:aws:iam::ACCOUNT:*" is everybody).
export function Sessions({ owner, level }: { owner?: string; level?: "h1" | "h2" }) {
  const sessions = usePaged<SignInSession>(`sessions-${owner ?? ""}`, async (nextToken) => {
    const answer = await signin<{ items: SignInSession[]; nextToken?: string }>("/list-sessions", { principalArn: owner, nextToken, maxResults: 100 });
    return { items: answer.items, next: answer.nextToken };
  });
  const [chosen, choose] = useState<SignInSession>();
  const [asks, ask] = useState<"one" | "all">();
  const [shows, show] = useState(false);
  const active = sessions.items.filter(({ status }) => status === "ACTIVE");
  const ended = asks === "all" ? active : chosen ? [chosen] : [];
  return (
    <>
      <Listing
        level={level}
        title={t("sessions")}
        description={t("sessionsText")}
        paged={sessions}
        id={({ sessionArn }) => sessionArn}
        text={({ principalArn }) => principalArn}
        empty={t("noSessions")}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button disabled={!chosen} onClick={() => show(true)}>
              {t("details")}
            </Button>
            <Button disabled={chosen?.status !== "ACTIVE"} onClick={() => ask("one")}>
              {t("revoke")}
            </Button>
            <Button disabled={active.length === 0} onClick={() => ask("all")}>
              {t("revokeAll")}
            </Button>
          </>
        }
        columns={[
          { id: "principal", header: t("principal"), cell: ({ principalArn }) => nameOf(principalArn), isRowHeader: true },
          { id: "kind", header: t("kind"), cell: kindOf },
          {
            id: "status",
            header: t("status"),
            cell: ({ status }) => (
              <StatusIndicator type={status === "ACTIVE" ? "success" : "stopped"}>{status === "ACTIVE" ? t("active") : t("revoked")}</StatusIndicator>
            ),
          },
          { id: "issued", header: t("signedInAt"), cell: ({ issuedAt }) => at(issuedAt) },
          { id: "until", header: t("validUntil"), cell: ({ expiresAt }) => at(expiresAt) },
        ]}
      />
      {shows && chosen && <Details session={chosen} owner={owner} onClose={() => show(false)} />}
      {asks && (
        <Dialog
          title={t("revokeTitle", { count: ended.length })}
          submit={t("revoke")}
          success={t("sessionsRevoked", { count: ended.length })}
          onClose={() => ask(undefined)}
          onSubmit={async () => {
            await revoke(ended, owner);
            choose(undefined);
            sessions.reload();
          }}
        >
          <Box>{t("revokeNote")}</Box>
        </Dialog>
      )}
    </>
  );
}
