import {
  CreateVirtualMFADeviceCommand,
  DeactivateMFADeviceCommand,
  DeleteVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  ListMFADevicesCommand,
  type MFADevice,
  type VirtualMFADevice,
} from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useState } from "react";
import { usePaged } from "../calls";
import { iam } from "../clients";
import { addPasskey, canHavePasskeys, enableRootDevice } from "../own_devices";
import { ownUserName, useSession } from "../session";
import { t, when } from "../text";
import { DeleteDialog, Dialog } from "./dialog";
import { Listing } from "./listing";
import { failed } from "./notices";
import { Copied } from "./parts";

function Qr({ png }: { png: Uint8Array }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([png as BlobPart], { type: "image/png" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [png]);
  return url ? <img className="qr" src={url} alt={t("qrText")} /> : null;
}

const ROOT_DEVICE = "root-account-mfa-device"; // as AWS calls it

// First a name, then the code to photograph and two numbers that prove it was.
function Enrol({ user, onClose, reload }: { user?: string; onClose: () => void; reload: () => void }) {
  const [name, setName] = useState(user ?? ROOT_DEVICE);
  const [device, setDevice] = useState<VirtualMFADevice>();
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const leave = () => {
    // A device that nobody has proved is of no use, and would keep its name.
    if (device) iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: device.SerialNumber })).catch(failed);
    onClose();
  };
  if (!device) {
    const create = async () => {
      setDevice((await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }))).VirtualMFADevice);
    };
    return (
      <Dialog key="name" title={t("addMfa")} submit={t("next")} onClose={onClose} onDone={() => undefined} onSubmit={create} disabled={!name}>
        <FormField label={t("deviceName")} constraintText={t("nameText")}>
          <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
        </FormField>
      </Dialog>
    );
  }
  return (
    <Dialog
      key="codes"
      large
      title={t("addMfa")}
      submit={t("addMfa")}
      onClose={leave}
      onDone={onClose}
      disabled={!/^\d{6}$/.test(first) || !/^\d{6}$/.test(second)}
      success={t("mfaAdded")}
      onSubmit={async () => {
        if (user === undefined) {
          await enableRootDevice(device.SerialNumber ?? "", first, second);
        } else {
          await iam.send(
            new EnableMFADeviceCommand({
              UserName: user,
              SerialNumber: device.SerialNumber,
              AuthenticationCode1: first,
              AuthenticationCode2: second,
            }),
          );
        }
        reload();
      }}
    >
      <ColumnLayout columns={2}>
        <SpaceBetween size="s">
          <Box>{t("mfaStep1")}</Box>
          {device.QRCodePNG && <Qr png={device.QRCodePNG} />}
          <ExpandableSection headerText={t("showSeed")}>
            <Copied text={new TextDecoder().decode(device.Base32StringSeed)} />
          </ExpandableSection>
        </SpaceBetween>
        <SpaceBetween size="s">
          <Box>{t("mfaStep2")}</Box>
          <FormField label={t("mfaCode1")}>
            <Input value={first} inputMode="numeric" autoComplete="one-time-code" onChange={({ detail }) => setFirst(detail.value.trim())} />
          </FormField>
          <FormField label={t("mfaCode2")}>
            <Input value={second} inputMode="numeric" autoComplete={false} onChange={({ detail }) => setSecond(detail.value.trim())} />
          </FormField>
        </SpaceBetween>
      </ColumnLayout>
    </Dialog>
  );
}

function AddPasskey({ name: first, onClose, reload }: { name: string; onClose: () => void; reload: () => void }) {
  const [name, setName] = useState(first);
  return (
    <Dialog
      title={t("addPasskey")}
      submit={t("next")}
      onClose={onClose}
      disabled={!name}
      success={t("mfaAdded")}
      onSubmit={async () => {
        await addPasskey(name);
        reload();
      }}
    >
      <Box>{t("passkeyText")}</Box>
      <FormField label={t("deviceName")} constraintText={t("nameText")}>
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value.trim())} />
      </FormField>
    </Dialog>
  );
}

// The MFA devices of a user; without a name those of root, who is signed in.
export function MfaDevices({ user }: { user?: string }) {
  const own = ownUserName(useSession());
  const isOwn = user === own;
  const devices = usePaged<MFADevice>(`mfa-${user ?? ""}`, async (Marker) => {
    const answer = await iam.send(new ListMFADevicesCommand({ UserName: user, Marker }));
    return { items: answer.MFADevices ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [chosen, choose] = useState<MFADevice>();
  const [dialog, open] = useState<"add" | "passkey" | "delete">();
  const close = () => open(undefined);
  return (
    <>
      <Listing
        level="h2"
        title={t("mfaDevices")}
        paged={devices}
        id={({ SerialNumber }) => SerialNumber ?? ""}
        empty={t("noMfa")}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button disabled={!chosen} onClick={() => open("delete")}>
              {t("deactivate")}
            </Button>
            {isOwn && canHavePasskeys() && <Button onClick={() => open("passkey")}>{t("addPasskey")}</Button>}
            {(user !== undefined || isOwn) && <Button onClick={() => open("add")}>{t("addMfa")}</Button>}
          </>
        }
        columns={[
          { id: "serial", header: t("deviceName"), cell: ({ SerialNumber }) => SerialNumber, isRowHeader: true },
          { id: "kind", header: t("kind"), cell: ({ SerialNumber }) => (SerialNumber?.includes(":u2f/") ? t("passkey") : t("authenticator")) },
          { id: "since", header: t("enabledAt"), cell: ({ EnableDate }) => when(EnableDate) },
        ]}
      />
      {dialog === "add" && <Enrol user={user} onClose={close} reload={devices.reload} />}
      {dialog === "passkey" && <AddPasskey name={user ?? "root"} onClose={close} reload={devices.reload} />}
      {dialog === "delete" && chosen && (
        <DeleteDialog
          what={chosen.SerialNumber ?? ""}
          note={t("deactivateNote")}
          onClose={close}
          onSubmit={async () => {
            await iam.send(new DeactivateMFADeviceCommand({ UserName: user, SerialNumber: chosen.SerialNumber }));
            // Virtual devices go away altogether; others have nothing to delete.
            if (chosen.SerialNumber?.includes(":mfa/")) {
              await iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: chosen.SerialNumber }));
            }
            choose(undefined);
            devices.reload();
          }}
        />
      )}
    </>
  );
}
