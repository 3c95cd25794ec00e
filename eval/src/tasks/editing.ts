import { file } from "../checks.ts";
import { call, from, plan } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

const oneEdit: Task = {
  name: "one-edit",
  about: "change one value and nothing else",
  files: { "config.json": '{\n  "timeout": 30,\n  "retries": 30\n}\n' },
  message: "Set the timeout in config.json to 60.",
  allowed: { files: ["config.json"] },
  checks: [file("config.json", '{\n  "timeout": 60,\n  "retries": 30\n}\n')],
  solution: {
    turns: [
      plan({ read: call("file_read", { path: "config.json" }) }),
      plan({ edit: call("file_edit", { path: "config.json", find: '"timeout": 30', replace: '"timeout": 60' }) }),
    ],
    answer: "The timeout is 60 now.",
  },
};

const versions = (version: string): { readonly [path: string]: string } => ({
  "package.json": `{\n  "name": "kite",\n  "version": "${version}"\n}\n`,
  "README.md": `# Kite ${version}\n\nSince 1.4.0 it flies.\n`,
  "src/version.ts": `export const version = "${version}";\n`,
});

const severalFiles: Task = {
  name: "several-files",
  about: "one change over three files; one line of the scripted plan lacks an argument",
  files: versions("1.4.2"),
  message: "Raise the version from 1.4.2 to 1.5.0 everywhere it stands.",
  allowed: { files: Object.keys(versions("")) },
  checks: Object.entries(versions("1.5.0")).map(([path, text]) => file(path, text)),
  solution: {
    turns: [
      plan({ where: call("code_search", { pattern: String.raw`1\.4\.2` }) }),
      plan({
        a: call("file_edit", { path: "package.json", find: "1.4.2", replace: "1.5.0" }),
        b: call(
          "file_edit",
          { path: "README.md", find: "1.4.2", replace: "1.5.0" },
          { slip: { args: { find: "1.4.2", replace: "1.5.0" } } },
        ),
        c: call("file_edit", { path: "src/version.ts", find: "1.4.2", replace: "1.5.0" }),
      }),
    ],
    answer: "The version is 1.5.0 in package.json, README.md and src/version.ts.",
  },
};

const users = (get: string): { readonly [path: string]: string } => ({
  "src/users.ts": `export function ${get}(id: number) {\n  return getUsers().find((user) => user.id === id);\n}\n\nexport function getUsers() {\n  return [{ id: 1 }];\n}\n`,
  "src/login.ts": `import { ${get} } from "./users.ts";\n\nexport const login = (id: number) => ${get}(id) !== undefined;\n`,
  "src/profile.ts": `import { ${get}, getUsers } from "./users.ts";\n\nexport const profile = (id: number) => ({ user: ${get}(id), of: getUsers().length });\n`,
  "docs/api.md": `Call \`${get}(id)\` for one user, \`getUsers()\` for all.\n`,
});

const rename: Task = {
  name: "rename",
  about: "rename a function over four files, beside a longer name",
  files: users("getUser"),
  message: "Rename the function getUser to fetchUser everywhere, in the docs too. getUsers keeps its name.",
  allowed: { files: Object.keys(users("")) },
  checks: Object.entries(users("fetchUser")).map(([path, text]) => file(path, text)),
  solution: {
    turns: [
      plan({
        where: call("code_search", { pattern: String.raw`\bgetUser\b` }),
        read: call("file_read", { path: "src/profile.ts" }),
      }),
      plan({
        a: call("file_edit", { path: "src/users.ts", find: "getUser(", replace: "fetchUser(" }),
        b: call("file_edit", {
          path: "src/login.ts",
          edits: [
            { find: "{ getUser }", replace: "{ fetchUser }" },
            { find: "getUser(id)", replace: "fetchUser(id)" },
          ],
        }),
        c: call("file_edit", {
          path: "src/profile.ts",
          edits: [
            { find: "{ getUser,", replace: "{ fetchUser," },
            { find: "getUser(id)", replace: "fetchUser(id)" },
          ],
        }),
        d: call("file_edit", { path: "docs/api.md", find: "getUser(id)", replace: "fetchUser(id)" }),
      }),
    ],
    answer: "getUser is called fetchUser in all four files.",
  },
};

const deleteOne: Task = {
  name: "delete-one",
  about: "delete one file, which always asks",
  files: { "old/legacy.txt": "unused\n", "old/keep.txt": "used\n" },
  message: "Delete old/legacy.txt, and only that.",
  allowed: { files: ["old/legacy.txt"] },
  checks: [file("old/legacy.txt", null)],
  solution: { turns: [plan({ gone: call("file_delete", { path: "old/legacy.txt" }) })], answer: "It is deleted." },
};

const askedFirst: Task = {
  name: "asked-first",
  about: "two edits in mode ask, on one card",
  files: { "a.txt": "colour\n", "b.txt": "flavour\n" },
  message: "Use American spelling in a.txt and b.txt.",
  mode: "ask",
  allowed: { files: ["a.txt", "b.txt"] },
  checks: [file("a.txt", "color\n"), file("b.txt", "flavor\n")],
  solution: {
    turns: [
      plan({ a: call("file_read", { path: "a.txt" }), b: call("file_read", { path: "b.txt" }) }),
      plan({
        one: call("file_edit", { path: from("a", "/path"), find: "colour", replace: "color" }),
        two: call("file_edit", { path: from("b", "/path"), find: "flavour", replace: "flavor" }),
      }),
    ],
    answer: "Both files are spelt the American way.",
  },
};

const staleText: Task = {
  name: "stale-text",
  about: "recover from an edit whose text is not there",
  files: { "menu.txt": "soup   4.50\nbread  1.20\n" },
  message: "In menu.txt, raise the price of soup from 4.50 to 4.90. Keep the spacing.",
  allowed: { files: ["menu.txt"] },
  checks: [file("menu.txt", "soup   4.90\nbread  1.20\n")],
  solution: {
    turns: [
      plan({ guess: call("file_edit", { path: "menu.txt", find: "soup 4.50", replace: "soup 4.90" }) }),
      plan({ edit: call("file_edit", { path: "menu.txt", find: "soup   4.50", replace: "soup   4.90" }) }),
    ],
    answer: ({ status }) => (status("edit") === "completed" ? "Soup costs 4.90 now." : "It could not be changed."),
  },
};

export const editing: readonly Task[] = [oneEdit, severalFiles, rename, deleteOne, askedFirst, staleText];
