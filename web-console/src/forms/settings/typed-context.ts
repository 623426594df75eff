/** Gives the inputs of the settings page what was typed into them, which the form keeps. */

import { createContext, useContext } from "react";
import type { Typed, TypedTexts } from "./typed";

type TypedStore = { typed: TypedTexts; type: (input: string, typed: Typed) => void };

export const TypedContext = createContext<TypedStore | null>(null);

export function useTyped(input: string): [Typed | undefined, (typed: Typed) => void] {
  const store = useContext(TypedContext);
  if (store === null) throw new Error("useTyped is for inputs below SettingsForm");
  return [store.typed[input], (typed) => store.type(input, typed)];
}
