import { CopyButton } from "../shell/copy-button.tsx";

interface CodeBlockProps {
  readonly text: string;
  readonly language: string;
}

export function CodeBlock({ text, language }: CodeBlockProps) {
  const name = language.split(/\s/)[0] ?? "";
  return (
    <figure className="oq-code" data-named={name !== ""}>
      <figcaption>
        {name}
        <CopyButton text={text} label="Copy code" />
      </figcaption>
      <pre tabIndex={0}>
        <code>{text.replace(/\n+$/, "")}</code>
      </pre>
    </figure>
  );
}
