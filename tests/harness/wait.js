// The one way these tests wait: for a condition, with a deadline.

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks `condition` again and again until it returns something truthy, and returns that.
 * An error it throws counts as "not yet" and is named when the deadline passes.
 */
export async function waitUntil(what, seconds, condition) {
  const end = Date.now() + seconds * 1000;
  let last;
  do {
    try {
      const result = await condition();
      if (result) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await pause(50);
  } while (Date.now() < end);
  throw new Error(`waited ${seconds} s in vain until ${what}`, { cause: last });
}
