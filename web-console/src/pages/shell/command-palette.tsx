/** ⌘K: find an app or run a command without the mouse. A combobox over a list, as the ARIA authoring practices describe it. */

import { Dialog } from "@base-ui/react/dialog";
import { useEffect, useId, useState, type KeyboardEvent } from "react";
import { Icon } from "../../ui/icon";
import { useStore } from "../../ui/store";
import { search, type Command } from "./commands";
import { paletteOpen } from "./palette-state";
import { useCommands } from "./use-commands";

function useShortcut(): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      paletteOpen.set(!paletteOpen.get());
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

type OptionProps = { id: string; command: Command; active: boolean; onPick: () => void; onPoint: () => void };

function Option({ id, command, active, onPick, onPoint }: OptionProps) {
  return (
    // The input keeps the focus and handles the keys; the list only takes the pointer.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="option"
      aria-selected={active}
      className="palette-option"
      ref={(element) => {
        if (active) element?.scrollIntoView({ block: "nearest" });
      }}
      onClick={onPick}
      onPointerMove={onPoint}
    >
      <Icon name={command.icon} />
      <span className="cut">{command.label}</span>
      <span className="grow" />
      <span className="xs muted">{command.group}</span>
    </div>
  );
}

function pick(command: Command | undefined): void {
  if (command === undefined) return;
  paletteOpen.set(false);
  command.run();
}

function PaletteBody() {
  const listId = useId();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const found = search(useCommands(), query);
  const active = Math.min(at, found.length - 1);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) setAt((active + step + found.length) % found.length);
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) pick(found[active]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className="palette-search">
        <Icon name="search" />
        <input
          role="combobox"
          aria-label="Search or run a command"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={found[active] === undefined ? undefined : `${listId}-${active}`}
          aria-autocomplete="list"
          placeholder="Go to an app, copy a key, switch the theme"
          autoComplete="off"
          spellCheck={false}
          value={query}
          onKeyDown={move}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
        />
      </div>
      <div className="palette-list" role="listbox" id={listId} aria-label="Commands">
        {found.map((command, index) => (
          <Option
            key={command.id}
            id={`${listId}-${index}`}
            command={command}
            active={index === active}
            onPick={() => pick(command)}
            onPoint={() => setAt(index)}
          />
        ))}
      </div>
      {found.length > 0 ? null : (
        <p className="palette-empty" role="status">
          Nothing matches “{query}”. Try an app’s name, or “theme”.
        </p>
      )}
    </>
  );
}

export function CommandPalette() {
  useShortcut();
  const open = useStore(paletteOpen);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => paletteOpen.set(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="palette">
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <PaletteBody />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
