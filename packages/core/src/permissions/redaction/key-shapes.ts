/** What keys of known services look like: a beginning that nothing else has, and at least so many characters of its body. */
export interface KeyShape {
  readonly start: string;
  /** A character class. */
  readonly body: string;
  readonly least: number;
}

const word = "[A-Za-z0-9]";
const wider = "[A-Za-z0-9_-]";
const bearer = "[A-Za-z0-9._~+/=-]";
/** Also where line breaks are written as `\n`. */
const armoured = "[A-Za-z0-9+/=\\s\\\\-]";

export const keyShapes: readonly KeyShape[] = [
  { start: "sk-", body: wider, least: 20 },
  ...["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_"].map((start) => ({ start, body: word, least: 36 })),
  { start: "github_pat_", body: "[A-Za-z0-9_]", least: 22 },
  { start: "glpat-", body: wider, least: 20 },
  { start: "AKIA", body: "[A-Z0-9]", least: 16 },
  { start: "ASIA", body: "[A-Z0-9]", least: 16 },
  { start: "AIza", body: wider, least: 35 },
  ...["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"].map((start) => ({ start, body: "[A-Za-z0-9-]", least: 20 })),
  { start: "Bearer ", body: bearer, least: 20 },
  ...["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED "].map((kind) => ({
    start: `-----BEGIN ${kind}PRIVATE KEY-----`,
    body: armoured,
    least: 40,
  })),
];
