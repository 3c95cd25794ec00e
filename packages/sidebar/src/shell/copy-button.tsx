import { useEffect, useState } from "react";
import { Icon } from "./icon.tsx";

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
}

/** Copies and says so for a moment; says it when the browser forbids it. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [said, setSaid] = useState<"" | "Copied" | "Not allowed">("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), 1500);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      () => setSaid("Not allowed"),
    );
  };
  return (
    <button type="button" className="oq-icon" aria-label={label} title={label} onClick={copy}>
      {said === "" ? <Icon name="copy" /> : <span className="oq-small">{said}</span>}
    </button>
  );
}
