/** Splits code into keywords, strings, comments and the rest. Good enough for the snippets shown here; the text itself is never changed. */

export type Language = "javascript" | "swift" | "kotlin" | "shell";
export type Part = { kind: "plain" | "keyword" | "string" | "comment"; text: string };

const keywords: Record<Language, string[]> = {
  javascript: ["await", "const", "from", "import", "new"],
  swift: ["else", "guard", "if", "import", "in", "let", "nil", "return", "var"],
  kotlin: ["class", "else", "if", "import", "null", "object", "override", "fun", "return", "super", "this", "val"],
  shell: ["cat", "curl", "sed", "uuidgen"],
};

const strings = String.raw`"(?:\\.|[^"\\])*"|'[^']*'`;
const comments = String.raw`\/\/[^\n]*`;

function pattern(language: Language): RegExp {
  const words = `(?<![\\w.-])(?:${keywords[language].join("|")})(?![\\w-])`;
  const comment = language === "shell" ? "(?!)" : comments;
  return new RegExp(`(?<string>${strings})|(?<comment>${comment})|(?<keyword>${words})`, "g");
}

export function colour(code: string, language: Language): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const match of code.matchAll(pattern(language))) {
    if (match.index > done) parts.push({ kind: "plain", text: code.slice(done, match.index) });
    const groups = match.groups ?? {};
    const kind = groups["string"] === undefined ? (groups["comment"] === undefined ? "keyword" : "comment") : "string";
    parts.push({ kind, text: match[0] });
    done = match.index + match[0].length;
  }
  if (done < code.length) parts.push({ kind: "plain", text: code.slice(done) });
  return parts;
}
