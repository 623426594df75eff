/** Code with light colouring, copied as plain text. */

import { colour, type Language } from "../snippets/colour";

export function CodeBlock({ code, language, label }: { code: string; language: Language; label: string }) {
  return (
    // Scrolls sideways inside itself, so the keyboard must be able to reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className="code-block" tabIndex={0} role="region" aria-label={label} data-language={language}>
      <code>
        {colour(code, language).map((part, index) =>
          part.kind === "plain" ? (
            part.text
          ) : (
            <span key={index} className={`code-${part.kind}`}>
              {part.text}
            </span>
          ),
        )}
      </code>
    </pre>
  );
}
