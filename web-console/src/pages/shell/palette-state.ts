/** Whether the command palette is open, and the keys that open it. */

import { createStore } from "../../ui/store";

export const paletteOpen = createStore(false);

export const openPalette = () => paletteOpen.set(true);

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

export const paletteKeys = isApple ? "⌘K" : "Ctrl K";
