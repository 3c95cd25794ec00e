// Builds what is missing or older than its sources, then hands over to the server.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(import.meta.dirname, "..");
const stamps = ["packages/protocol", "packages/core", "packages/client", "apps/server"].map((path) => [
  path,
  "tsconfig.build.tsbuildinfo",
  "src",
]);
const web = ["apps/web", "dist/index.html", "src"];

const stale = [...stamps, web].some(([path, stamp, source]) => {
  const built = join(root, path, stamp);
  return !existsSync(built) || newest(join(root, path, source)) > statSync(built).mtimeMs;
});
if (stale || newest(join(root, "packages/sidebar/src")) > statSync(join(root, "apps/web/dist/index.html")).mtimeMs) {
  console.error("Building (once) …");
  const build = spawnSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
await import(pathToFileURL(join(root, "apps/server/dist/cli.js")).href);

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}
