import type { TodoState } from "@orquestra/protocol";
import { silentSeconds } from "../lib/status.ts";
import { Icon } from "../shell/icon.tsx";
import { Menu } from "../shell/menu.tsx";
import type { TodoAction } from "./actions.ts";
import type { TodoActions } from "./use-todo-actions.ts";

export const actionLabels: Readonly<Record<TodoAction, string>> = {
  edit: "Edit…",
  skip: "Skip",
  stop: "Stop",
  retry: "Try again",
  "edit-retry": "Edit and try again…",
};

interface TodoMenuProps {
  readonly todo: TodoState;
  readonly doing: TodoActions;
}

/**
 * What can be done to one todo, as a small button in its corner: nothing where nothing can be done, stop where that is all.
 * Lists show it to whoever points at the line or comes by keyboard; where somebody may want to stop it, always.
 */
export function TodoMenu({ todo, doing: { actions, act, pending } }: TodoMenuProps) {
  const [first] = actions;
  if (first === undefined) return null;
  return (
    <span className="oq-todo-menu" data-urgent={silentSeconds(todo) !== null}>
      {first === "stop" ? (
        <button
          type="button"
          className="oq-icon"
          aria-label={`Stop “${todo.title}”`}
          title="Stop"
          disabled={pending}
          onClick={() => act("stop")}
        >
          <Icon name="stop" />
        </button>
      ) : (
        <Menu
          label={`What to do with “${todo.title}”`}
          items={actions.map((action) => ({ label: actionLabels[action], onSelect: () => act(action) }))}
        >
          <Icon name="more" />
        </Menu>
      )}
    </span>
  );
}
