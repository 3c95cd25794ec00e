import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const files = ["program.ts", "acp-form.ts", "print-form.ts", "stage.ts", "scene.ts"];

/**
 * The path of the program as JavaScript. Compiled, it lies beside this file; run from source it is compiled into the folder,
 * because what reads TypeScript at run time costs each process more than the program itself.
 */
export async function compileProgram(folder: string): Promise<string> {
  if (!import.meta.url.endsWith(".ts")) return fileURLToPath(new URL("./program.js", import.meta.url));
  const target = join(folder, "program");
  await mkdir(target);
  await writeFile(join(target, "package.json"), '{"type":"module"}');
  for (const [name, text] of await (compiled ??= compile())) await writeFile(join(target, name), text);
  return join(target, "program.js");
}

let compiled: ReturnType<typeof compile> | null = null;

/** The files by their names. */
async function compile(): Promise<ReadonlyMap<string, string>> {
  const { transpileModule, ModuleKind, ScriptTarget } = (await import("typescript")).default;
  const compilerOptions = { module: ModuleKind.NodeNext, target: ScriptTarget.ES2023, rewriteRelativeImportExtensions: true };
  const texts = new Map<string, string>();
  for (const name of files) {
    const source = await readFile(new URL(`./${name}`, import.meta.url), "utf8");
    const { outputText } = transpileModule(source, { compilerOptions, fileName: name.replace(/\.ts$/, ".mts") });
    texts.set(name.replace(/\.ts$/, ".js"), outputText);
  }
  return texts;
}
