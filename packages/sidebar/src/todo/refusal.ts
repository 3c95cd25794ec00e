export interface Refusal {
  /** The argument it is about; `null` where it is about none in particular. */
  readonly name: string | null;
  readonly message: string;
}

/** What the server finds wrong with arguments, at the one it names: "file_write(path, text): path: it must not be empty." */
export function refusalOf(error: string, names: readonly string[]): Refusal {
  const said = error.replace(/^[\w.-]+\([^()]*\): /, "");
  const name = names.find((candidate) => said.startsWith(`${candidate}: `) || said.startsWith(`${candidate}.`));
  if (name === undefined) return { name: null, message: said };
  const message = said.startsWith(`${name}: `) ? capitalised(said.slice(name.length + 2)) : said;
  return { name, message };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
