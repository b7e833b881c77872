import Button from "@cloudscape-design/components/button";
import { type ComponentProps, useState } from "react";
import { t } from "../text";
import { DeleteDialog } from "./dialog";
import { Listing } from "./listing";

type Props<T> = Omit<ComponentProps<typeof Listing<T>>, "selected" | "onSelect" | "actions" | "text"> & {
  // What an item is called: the filter looks in it, and whoever deletes is asked by it.
  name: (item: T) => string;
  // The button that makes one; without it there is none.
  create?: string;
  onCreate?: () => void;
  // Deletes one; without it the button is disabled.
  remove?: (item: T) => Promise<unknown>;
  note?: string; // what to know before deleting
};

// A list whose items can be made and deleted.
export function Collection<T>({ name, create, onCreate, remove, note, ...list }: Props<T>) {
  const [chosen, choose] = useState<T>();
  const [asks, ask] = useState(false);
  return (
    <>
      <Listing
        {...list}
        text={name}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button disabled={!chosen || !remove} onClick={() => ask(true)}>
              {t("delete")}
            </Button>
            {create && (
              <Button variant={list.level === undefined ? "primary" : "normal"} onClick={onCreate}>
                {create}
              </Button>
            )}
          </>
        }
      />
      {asks && chosen && remove && (
        <DeleteDialog
          what={name(chosen)}
          note={note}
          onClose={() => ask(false)}
          onSubmit={async () => {
            await remove(chosen);
            choose(undefined);
            list.paged.reload();
          }}
        />
      )}
    </>
  );
}
