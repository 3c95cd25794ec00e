// How big the house's pieces are: lines per source file and per function, the longest files, and every `any`.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import ts from "typescript";

const files = execFileSync("git", ["ls-files", "packages/*/src/**/*.ts*", "apps/*/src/**/*.ts*"], { encoding: "utf8" })
  .trim()
  .split("\n")
  .filter((path) => !/\.test\.tsx?$|\.d\.ts$|\/testing\/|\/browser\//.test(path));
const fileLines = [];
const functionLines = [];
let anys = 0;
for (const path of files) {
  const text = readFileSync(path, "utf8");
  const source = ts.createSourceFile(
    path,
    text,
    ts.ScriptTarget.Latest,
    true,
    path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  fileLines.push([path, source.getLineAndCharacterOfPosition(source.end).line]);
  visit(source);
  function visit(node) {
    if (node.kind === ts.SyntaxKind.AnyKeyword) anys++;
    if (ts.isFunctionLike(node) && node.body !== undefined && ts.isBlock(node.body)) functionLines.push(lines(source, node));
    ts.forEachChild(node, visit);
  }
}
const sorted = fileLines.map(([, count]) => count).toSorted((a, b) => a - b);
console.log(`${files.length} source files, ${sorted.reduce((sum, count) => sum + count, 0)} lines`);
console.log(`file: median ${quantile(sorted, 0.5)}, p90 ${quantile(sorted, 0.9)}, max ${sorted.at(-1)}`);
const functions = functionLines.toSorted((a, b) => a - b);
console.log(
  `function with a body: ${functions.length}, median ${quantile(functions, 0.5)}, p90 ${quantile(functions, 0.9)}, max ${functions.at(-1)}`,
);
console.log(`any: ${anys}`);
console.log("longest files:");
for (const [path, count] of fileLines.toSorted((a, b) => b[1] - a[1]).slice(0, 10)) console.log(`  ${count}  ${path}`);

function lines(source, node) {
  const from = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
  return source.getLineAndCharacterOfPosition(node.end).line - from + 1;
}

function quantile(values, share) {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))];
}
