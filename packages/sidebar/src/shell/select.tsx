import type { ComponentProps } from "react";
import { Icon } from "./icon.tsx";

/** The browser's own list of choices, with our arrow. */
export function Select(props: ComponentProps<"select">) {
  return (
    <span className="oq-select">
      <select className="oq-field" {...props} />
      <Icon name="down" />
    </span>
  );
}
