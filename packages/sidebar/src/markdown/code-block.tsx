import { CopyButton } from "../shell/copy-button.tsx";

interface CodeBlockProps {
  readonly text: string;
  readonly language: string;
}

export function CodeBlock({ text, language }: CodeBlockProps) {
  return (
    <figure className="oq-code">
      <figcaption>
        <span>{language.split(/\s/)[0] ?? ""}</span>
        <CopyButton text={text} label="Copy code" />
      </figcaption>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}
