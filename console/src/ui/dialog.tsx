import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { t } from "../text";
import { done } from "./notices";
import { Problem } from "./problem";

interface Props {
  title: string;
  submit: string;
  children: ReactNode;
  onClose: () => void;
  // Does the work; what it throws is shown and the dialog stays.
  onSubmit: () => Promise<unknown>;
  onDone?: () => void; // after it, in place of onClose
  success?: string;
  disabled?: boolean;
  large?: boolean;
}

// A question with a form in it.
export function Dialog({ title, submit, children, onClose, onSubmit, onDone, success, disabled, large }: Props) {
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<unknown>();
  const work = async () => {
    setWorking(true);
    setError(undefined);
    try {
      await onSubmit();
      if (success) done(success);
      (onDone ?? onClose)();
    } catch (problem) {
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  return (
    <Modal visible header={title} onDismiss={onClose} closeAriaLabel={t("close")} size={large ? "large" : "medium"}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled && !working) void work();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={onClose}>
                {t("cancel")}
              </Button>
              <Button variant="primary" loading={working} disabled={disabled}>
                {submit}
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">
            {children}
            {error !== undefined && <Problem error={error} />}
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  );
}

// Asks before something goes away.
export function DeleteDialog({ what, onClose, onSubmit, note }: { what: string; note?: string } & Pick<Props, "onClose" | "onSubmit">) {
  return (
    <Dialog title={t("deleteTitle", { what })} submit={t("delete")} onClose={onClose} onSubmit={onSubmit} success={t("deleted", { what })}>
      <Box>{note ?? t("deleteNote")}</Box>
    </Dialog>
  );
}
