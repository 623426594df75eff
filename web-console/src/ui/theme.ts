/** Light, dark, or as the system says. public/theme.js applies the stored choice before the first paint. */

import { createStore, useStore } from "./store";

export type ThemeChoice = "light" | "dark" | "system";

const STORAGE_KEY = "slipway.theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function storedChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

const choice = createStore<ThemeChoice>(storedChoice());

function apply(): void {
  const dark = choice.get() === "dark" || (choice.get() === "system" && systemDark.matches);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
}

systemDark.addEventListener("change", apply);

export function chooseTheme(next: ThemeChoice): void {
  choice.set(next);
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    // The choice then lasts as long as the page.
  }
  apply();
}

export const useThemeChoice = (): ThemeChoice => useStore(choice);
