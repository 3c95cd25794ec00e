import { type Redactor, SecretValue, whyNotRedacted } from "@orquestra/core";

type Environment = { readonly [variable: string]: string | undefined };

/** Names of variables that hold secrets, whoever they belong to: a command of this machine could read them of this process. */
const secretName = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)(?:_|$)/i;

/** What the environment holds that nobody should read: keys by their name, and passwords in URLs of any name. */
export function environmentSecrets(environment: Environment): readonly SecretValue[] {
  const variables = Object.entries(environment).filter(([name]) => /^\w{1,64}$/.test(name));
  return variables.flatMap(([name, value = ""]) => {
    const inUrl = urlSecrets(name, value);
    if (inUrl.length > 0) return inUrl;
    return secretName.test(name) && !value.startsWith("/") ? [new SecretValue(name, value)] : [];
  });
}

/** The password of a URL, and it with its user where it alone could be any word. */
export function urlSecrets(name: string, url: string): readonly SecretValue[] {
  if (!URL.canParse(url)) return [];
  const { username, password } = new URL(url);
  if (password === "") return [];
  return [new SecretValue(name, decoded(password)), new SecretValue(name, `${username}:${password}@`)];
}

/** Adds all that can be told from other text; says of each of the others why it cannot. */
export function addSecrets(redactor: Redactor, secrets: readonly SecretValue[]): readonly string[] {
  const problems = secrets.map((secret) => ({ secret, why: whyNotRedacted(secret.reveal()) }));
  redactor.add(...problems.filter(({ why }) => why === null).map(({ secret }) => secret));
  return problems
    .filter(({ why }) => why !== null)
    .map(({ secret, why }) => `${secret.name} cannot be kept out of what is written and sent: ${why}. Use a longer one.`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
