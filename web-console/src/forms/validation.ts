/** What a form can know to be wrong before asking the server. The server decides; these only save a round trip. */

export type Problem = string | undefined;

const EMAIL = /^[^\s@]+@[^\s@]+$/;
const MAX_NAME = 60;
const MIN_PASSWORD = 10;
const MAX_PASSWORD = 256;
const MAX_TOKEN_DAYS = 365;

export function emailProblem(email: string): Problem {
  if (email.trim() === "") return "Enter your e-mail address.";
  return EMAIL.test(email.trim()) ? undefined : "Enter a whole e-mail address, such as me@example.org.";
}

export function newPasswordProblem(password: string): Problem {
  const length = [...password].length;
  if (length < MIN_PASSWORD) return `Use at least ${MIN_PASSWORD} characters. Three unrelated words make a good password.`;
  return length > MAX_PASSWORD ? `Use at most ${MAX_PASSWORD} characters.` : undefined;
}

export const passwordProblem = (password: string): Problem => (password === "" ? "Enter your password." : undefined);

/** Names of apps, organizations and tokens: 1 to 60 characters on one line. */
export function nameProblem(name: string, what: string): Problem {
  const trimmed = name.trim();
  if (trimmed === "") return `Give ${what} a name.`;
  if ([...trimmed].length > MAX_NAME) return `Use at most ${MAX_NAME} characters.`;
  return /\p{Cc}/u.test(trimmed) ? "Use letters, digits, spaces and signs on one line." : undefined;
}

export function typedNameProblem(typed: string, name: string): Problem {
  return typed.trim() === name ? undefined : `Type ${name} to confirm.`;
}

export function tokenDaysProblem(days: string): Problem {
  const whole = /^\d+$/.test(days.trim()) ? Number(days) : Number.NaN;
  return whole >= 1 && whole <= MAX_TOKEN_DAYS ? undefined : `Enter a number of days from 1 to ${MAX_TOKEN_DAYS}.`;
}
