import { Icon } from "../shell/icon.tsx";

interface ChipsProps {
  readonly files: readonly string[];
  readonly onRemove: (path: string) => void;
}

/** Files that go with the message. */
export function Chips({ files, onRemove }: ChipsProps) {
  if (files.length === 0) return null;
  return (
    <ul className="oq-chips" aria-label="Attached files">
      {files.map((path) => (
        <li key={path} className="oq-chip">
          <span className="oq-clip" title={path}>
            @{path}
          </span>
          <button type="button" aria-label={`Remove ${path}`} onClick={() => onRemove(path)}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
