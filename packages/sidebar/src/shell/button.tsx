import type { ComponentProps } from "react";

interface ButtonProps extends ComponentProps<"button"> {
  /** `bright` only where the next step is obvious and harmless. */
  readonly look?: "plain" | "quiet" | "bright" | "bad";
}

export function Button({ look = "plain", className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      data-look={look}
      className={className === undefined ? "oq-button" : `oq-button ${className}`}
      {...rest}
    />
  );
}
