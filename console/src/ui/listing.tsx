import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import Button from "@cloudscape-design/components/button";
import { Fragment, isValidElement, type ReactNode, useEffect, useState } from "react";
import type { Paged } from "../calls";
import { t } from "../text";
import { Problem } from "./problem";

const ROWS = 50;
const NARROWEST = 112; // of a column, in pixels: a date in three lines

interface Props<T> {
  title: string;
  paged: Paged<T>;
  columns: TableProps.ColumnDefinition<T>[];
  id: (item: T) => string;
  empty: string;
  actions?: ReactNode;
  description?: ReactNode;
  // Of the one row that may be chosen.
  selected?: T;
  onSelect?: (item: T | undefined) => void;
  // The text that the filter looks in; without it there is no filter.
  text?: (item: T) => string;
  variant?: TableProps.Variant;
  level?: "h1" | "h2" | "h3";
}

// A list that the server gives in pages, with a filter over all of them.
export function Listing<T>({ title, paged, columns, id, empty, actions, description, selected, onSelect, text, variant, level = "h1" }: Props<T>) {
  const [page, setPage] = useState(1);
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const found = text && wanted ? paged.items.filter((item) => text(item).toLowerCase().includes(wanted)) : paged.items;
  const pages = Math.max(1, Math.ceil(found.length / ROWS));
  const at = paged.loading ? page : Math.min(page, pages);
  const shown = found.slice((at - 1) * ROWS, at * ROWS);
  const openEnd = !paged.complete && !wanted;
  // What is looked for may be on any page.
  const { all, complete, loading, error } = paged;
  useEffect(() => {
    if (wanted && !complete && !loading && error === undefined) all();
  }, [wanted, complete, loading, error, all]);
  const turn = (to: number) => {
    setPage(Math.min(to, openEnd ? to : pages));
    if (to >= pages && !paged.complete) paged.more();
  };
  const count = paged.complete ? `(${found.length})` : paged.items.length > 0 ? `(${found.length}+)` : undefined;
  return (
    <Table
      variant={variant ?? "container"}
      items={shown}
      columnDefinitions={columns.map((column) => ({ minWidth: NARROWEST, ...column }))}
      trackBy={id}
      loading={paged.loading && shown.length === 0}
      loadingText={t("loading")}
      wrapLines
      enableKeyboardNavigation
      selectionType={onSelect ? "single" : undefined}
      selectedItems={selected !== undefined ? [selected] : []}
      onSelectionChange={({ detail }) => onSelect?.(detail.selectedItems[0])}
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: t("choose"),
        itemSelectionLabel: (_, item) => id(item),
      }}
      header={
        <Header
          variant={level}
          counter={count}
          description={description}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="refresh" ariaLabel={t("reload")} onClick={paged.reload} />
              {isValidElement<{ children?: ReactNode }>(actions) && actions.type === Fragment ? actions.props.children : actions}
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
      filter={
        text && (
          <TextFilter
            filteringText={filter}
            filteringPlaceholder={t("find")}
            filteringAriaLabel={t("find")}
            countText={wanted ? t("matches", { count: found.length }) : undefined}
            onChange={({ detail }) => {
              setFilter(detail.filteringText);
              setPage(1);
            }}
          />
        )
      }
      pagination={
        (pages > 1 || openEnd) && !paged.error ? (
          <Pagination
            currentPageIndex={at}
            pagesCount={pages}
            openEnd={openEnd}
            onChange={({ detail }) => turn(detail.currentPageIndex)}
            ariaLabels={{ nextPageLabel: t("nextPage"), previousPageLabel: t("previousPage"), pageLabel: (n) => t("pageNumber", { n }) }}
          />
        ) : undefined
      }
      empty={
        paged.error !== undefined ? (
          <Problem error={paged.error} reload={paged.reload} />
        ) : (
          <Box textAlign="center" color="text-body-secondary" padding="s">
            {wanted ? t("noMatch") : empty}
          </Box>
        )
      }
      footer={paged.error !== undefined && shown.length > 0 ? <Problem error={paged.error} reload={paged.reload} /> : undefined}
    />
  );
}
