import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSession } from "../session";
import { t } from "../text";
import { Sessions } from "../ui/sessions";

export default function SessionsPage() {
  const { account } = useSession();
  const [whose, setWhose] = useState<"own" | "all">("own");
  const owner = whose === "all" ? `arn:aws:iam::${account}:*` : undefined;
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label={t("whichSessions")}
        selectedId={whose}
        onChange={({ detail }) => setWhose(detail.selectedId as "own" | "all")}
        options={[
          { id: "own", text: t("sessionsOwn") },
          { id: "all", text: t("sessionsAll") },
        ]}
      />
      <Sessions key={whose} owner={owner} />
    </SpaceBetween>
  );
}
