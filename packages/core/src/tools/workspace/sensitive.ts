const secretNames =
  /^(?:\.env.*|[._]netrc|\.npmrc|\.pypirc|\.pgpass|\.git-credentials|\.htpasswd|\.vault-token|\.dockercfg|id_(?:rsa|dsa|ecdsa|ed25519).*|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk))$/;
const openNames = /^\.env.*\.(?:example|sample|template)$/;
const secretFolders = new Set([".ssh", ".gnupg", ".aws", ".azure", ".kube", ".password-store"]);
const secretPlaces = new Set([
  ".docker/config.json",
  ".config/gcloud",
  ".config/gh",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".git/config",
]);
const submoduleSettings = /(?:^|\/)\.git\/modules\/.+\/config$/;

const protectedFolders = new Set([
  ".git",
  ".githooks",
  ".husky",
  ".circleci",
  ".vscode",
  ".idea",
  ".zed",
  ".devcontainer",
  ".cursor",
  ".claude",
  ".codex",
  ".gemini",
  ".continue",
  ".windsurf",
  ".orquestra",
]);
const protectedPlaces = new Set([".github/workflows", ".github/actions"]);
const protectedNames = new Set([
  ".gitmodules",
  ".gitconfig",
  ".gitlab-ci.yml",
  ".travis.yml",
  "azure-pipelines.yml",
  "jenkinsfile",
  ".pre-commit-config.yaml",
  "lefthook.yml",
  ".mcp.json",
  "orquestra.yaml",
  "orquestra.yml",
  ".yarnrc.yml",
  ".pnpmfile.cjs",
  ".envrc",
  ".profile",
  ".bashrc",
  ".bash_profile",
  ".bash_login",
  ".bash_logout",
  ".zshrc",
  ".zshenv",
  ".zprofile",
  ".zlogin",
  ".zlogout",
]);

/** Holds keys or passwords: hidden from listing and search, and neither read nor written by any tool. */
export function isSecretPath(path: string): boolean {
  const names = folded(path);
  return (
    names.some(isSecretName) || pairs(names).some((pair) => secretPlaces.has(pair)) || submoduleSettings.test(names.join("/"))
  );
}

/** Decides what runs later or who may do what (git, editors, agents, shells, CI): changing it always asks. */
export function isProtectedPath(path: string): boolean {
  const names = folded(path);
  if (names.some((name) => protectedFolders.has(name) || protectedNames.has(name))) return true;
  return pairs(names).some((pair) => protectedPlaces.has(pair));
}

/**
 * The file without which git takes no folder for a repository. With it and some others of harmless names any folder is one, and
 * `git status` in there starts what its settings say. Of files only: a folder may be called so.
 */
export function makesRepository(path: string): boolean {
  return folded(path).at(-1) === "head";
}

/** Git's own files: no tool writes them, whatever is approved. */
export function isGitPath(path: string): boolean {
  return folded(path).includes(".git");
}

function isSecretName(name: string): boolean {
  return secretFolders.has(name) || (secretNames.test(name) && !openNames.test(name));
}

/** Each name, and each two names in a row, wherever in the path they stand. */
function pairs(names: readonly string[]): string[] {
  return names.slice(1).map((name, index) => `${names[index]}/${name}`);
}

function folded(path: string): string[] {
  return path
    .split(/[/\\]/)
    .map(fold)
    .filter((name) => name !== "");
}

/** Can be taken for nothing but the same in small letters. */
const plainName = /^\.?\w[\w-]*(?:\.\w[\w-]*)*$/;

/**
 * What any file system could take a name for: some ignore case, composition or invisible characters, some cut dots, spaces
 * and stream names at the end, some have the short name `git~1`. Matching too much only asks once more.
 */
function fold(name: string): string {
  if (plainName.test(name)) return name.toLowerCase();
  const plain = name
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/(?<=.):.*$/su, "")
    .replace(/[. ]+$/u, "")
    .toUpperCase()
    .toLowerCase();
  return plain === "git~1" ? ".git" : plain;
}
