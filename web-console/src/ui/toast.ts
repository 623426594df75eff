/** Short messages at the edge of the page. `Toaster` shows them. */

import { createStore } from "./store";

export type Toast = { id: number; tone: "good" | "bad"; text: string; action?: { label: string; run: () => void } };

export const toasts = createStore<Toast[]>([]);
let lastId = 0;

function show(toast: Omit<Toast, "id">): void {
  lastId += 1;
  toasts.set([...toasts.get().slice(-2), { ...toast, id: lastId }]);
}

export function dismissToast(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

export const toast = {
  done: (text: string, action?: Toast["action"]) => show({ tone: "good", text, ...(action ? { action } : {}) }),
  failed: (text: string) => show({ tone: "bad", text }),
};
