import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { go } from "../router";
import { t } from "../text";

interface ServiceError {
  name?: string;
  Code?: string;
  message?: string;
  $metadata?: { requestId?: string; httpStatusCode?: number };
  $response?: { headers?: Record<string, string> };
}

export interface Told {
  code: string;
  message: string;
  denied: boolean;
  requestId?: string;
  encoded?: string; // what sts:DecodeAuthorizationMessage tells more about
}

export function told(error: unknown): Told {
  const { name, Code, message, $metadata, $response } = (error ?? {}) as ServiceError;
  const code = Code ?? name ?? "Error";
  return {
    code,
    message: message ?? String(error),
    denied: code === "AccessDenied" || code === "AccessDeniedException",
    requestId: $metadata?.requestId,
    encoded: $response?.headers?.["x-signet-authorization-message"],
  };
}

export function isMissing(error: unknown): boolean {
  const { code } = told(error);
  return code === "NoSuchEntity" || code === "NoSuchEntityException" || code.startsWith("NoSuchBucket");
}

// The way to why a call was refused; nothing for other errors.
export function Why({ error }: { error: unknown }) {
  const { denied, message, encoded, requestId } = told(error);
  const params = { text: message, ...(encoded ? { message: encoded } : {}), ...(requestId ? { request: requestId } : {}) };
  return denied ? <Button onClick={() => go(["denied"], params)}>{t("whyDenied")}</Button> : null;
}

// What went wrong, in the server's words; of a refusal by policy, the way to why.
export function Problem({ error, reload }: { error: unknown; reload?: () => void }) {
  const { code, message, denied } = told(error);
  return (
    <Alert
      type={denied ? "warning" : "error"}
      header={denied ? t("denied") : t("failed")}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Why error={error} />
          {reload && <Button onClick={reload}>{t("retry")}</Button>}
        </SpaceBetween>
      }
    >
      <span data-testid={denied ? "denied" : "problem"}>{message}</span>
      {!denied && code !== "Error" && (
        <Box variant="small" display="block">
          {code}
        </Box>
      )}
    </Alert>
  );
}
