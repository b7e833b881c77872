import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { usePaged } from "../calls";
import { go, usePlace } from "../router";
import { targeted } from "../signed";
import { type Key, t, when } from "../text";
import { Listing } from "../ui/listing";
import { Code } from "../ui/parts";

// As CloudTrail tells an event; times are seconds since 1970.
interface Event {
  EventId: string;
  EventName: string;
  EventTime: number;
  EventSource: string;
  Username?: string;
  CloudTrailEvent: string; // the record, as JSON
}

interface EventRecord {
  sourceIPAddress?: string;
  userAgent?: string;
  errorCode?: string;
  errorMessage?: string;
  responseElements?: { ConsoleLogin?: string } | null;
  additionalEventData?: { MFAUsed?: string };
}

type Row = Event & { record: EventRecord };

const ATTRIBUTES: Record<string, Key> = {
  EventName: "eventName",
  Username: "userName",
  EventSource: "eventSource",
  AccessKeyId: "accessKeyId",
  ResourceName: "resource",
  ReadOnly: "readOnly",
};

const HOURS: Record<string, Key> = { "1": "lastHour", "24": "lastDay", "168": "lastWeek", "2160": "lastQuarter" };

function read(event: Event): Row {
  try {
    return { ...event, record: JSON.parse(event.CloudTrailEvent) as EventRecord };
  } catch {
    return { ...event, record: {} };
  }
}

function Outcome({ record }: { record: EventRecord }) {
  const failed = record.errorCode !== undefined || record.errorMessage !== undefined || record.responseElements?.ConsoleLogin === "Failure";
  return (
    <StatusIndicator type={failed ? "error" : "success"} wrapText>
      {failed ? (record.errorCode ?? record.errorMessage ?? t("failed")) : t("succeeded")}
    </StatusIndicator>
  );
}

interface Filter {
  attribute: string;
  value: string;
  hours: string;
}

function Events({ filter, signIns }: { filter: Filter; signIns: boolean }) {
  const { attribute, value, hours } = signIns ? { ...filter, attribute: "EventName", value: "ConsoleLogin" } : filter;
  const [begun] = useState(() => Math.floor(Date.now() / 1000));
  const events = usePaged<Row>(`${attribute} ${value} ${hours}`, async (NextToken) => {
    const answer = await targeted<{ Events?: Event[]; NextToken?: string }>("cloudtrail", "LookupEvents", {
      LookupAttributes: value ? [{ AttributeKey: attribute, AttributeValue: value }] : undefined,
      StartTime: begun - Number(hours) * 3600,
      NextToken,
    });
    return { items: (answer.Events ?? []).map(read), next: answer.NextToken };
  });
  const [chosen, choose] = useState<Row>();
  const [shows, show] = useState(false);
  return (
    <>
      <Listing
        level="h2"
        title={signIns ? t("signIns") : t("events")}
        paged={events}
        id={({ EventId }) => EventId}
        empty={t("noEvents")}
        selected={chosen}
        onSelect={choose}
        actions={
          <Button disabled={!chosen} onClick={() => show(true)}>
            {t("details")}
          </Button>
        }
        columns={[
          { id: "time", header: t("time"), cell: ({ EventTime }) => when(new Date(EventTime * 1000)), isRowHeader: true },
          ...(signIns ? [] : [{ id: "name", header: t("eventName"), cell: ({ EventName, EventSource }: Row) => `${EventName} (${EventSource.replace(".amazonaws.com", "")})` }]),
          { id: "who", header: t("userName"), cell: ({ Username }) => Username ?? "-" },
          { id: "from", header: t("sourceAddress"), cell: ({ record }) => record.sourceIPAddress ?? "-" },
          ...(signIns ? [{ id: "mfa", header: t("mfa"), cell: ({ record }: Row) => (record.additionalEventData?.MFAUsed === "Yes" ? t("yes") : t("no")) }] : []),
          { id: "outcome", header: t("outcome"), cell: ({ record }) => <Outcome record={record} /> },
        ]}
      />
      {shows && chosen && (
        <Modal visible size="large" header={chosen.EventName} onDismiss={() => show(false)} closeAriaLabel={t("close")}>
          <Code label={t("wholeMessage")}>{JSON.stringify(chosen.record, null, 2)}</Code>
        </Modal>
      )}
    </>
  );
}

export default function Audit() {
  const { params } = usePlace();
  const signIns = params.get("show") === "signins";
  const [filter, setFilter] = useState<Filter>({ attribute: "EventName", value: "", hours: "24" });
  const [typed, setTyped] = useState("");
  const option = (texts: Record<string, Key>, value: string) => ({ value, label: t(texts[value] as Key) });
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("auditText")}>
        {t("audit")}
      </Header>
      <SegmentedControl
        label={t("audit")}
        selectedId={signIns ? "signins" : "all"}
        onChange={({ detail }) => go(["audit"], detail.selectedId === "signins" ? { show: "signins" } : undefined)}
        options={[
          { id: "all", text: t("allEvents") },
          { id: "signins", text: t("signIns") },
        ]}
      />
      <Container>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setFilter({ ...filter, value: typed.trim() });
          }}
        >
          <SpaceBetween direction="horizontal" size="m" alignItems="end">
            <FormField label={t("since")}>
              <Select
                ariaLabel={t("since")}
                selectedOption={option(HOURS, filter.hours)}
                options={Object.keys(HOURS).map((hours) => option(HOURS, hours))}
                onChange={({ detail }) => setFilter({ ...filter, hours: detail.selectedOption.value ?? "24" })}
              />
            </FormField>
            {!signIns && (
              <FormField label={t("filterBy")}>
                <Select
                  ariaLabel={t("filterBy")}
                  selectedOption={option(ATTRIBUTES, filter.attribute)}
                  options={Object.keys(ATTRIBUTES).map((name) => option(ATTRIBUTES, name))}
                  onChange={({ detail }) => setFilter({ ...filter, attribute: detail.selectedOption.value ?? "EventName" })}
                />
              </FormField>
            )}
            {!signIns && (
              <FormField label={t("value")}>
                <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} />
              </FormField>
            )}
            {!signIns && <Button>{t("find")}</Button>}
          </SpaceBetween>
        </form>
      </Container>
      <Events key={`${signIns} ${filter.attribute} ${filter.value} ${filter.hours}`} filter={filter} signIns={signIns} />
    </SpaceBetween>
  );
}
