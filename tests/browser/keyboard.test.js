// The same way from the sign-up to the copied code without a mouse.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { newPerson } from '../harness/api.js';
import { Platform } from '../harness/platform.js';
import { launch } from './page.js';

const mostStops = 60;

describe('by keyboard alone', () => {
  const person = newPerson();
  let platform, browser, page;

  before(async () => {
    platform = await Platform.create();
    await platform.start();
    browser = await launch();
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    page = await context.newPage();
  });
  after(async () => {
    await browser?.close();
    await platform.remove();
  });

  /** Presses Tab until the focus is on `target`, which has to show that it is focused. */
  async function tabTo(target) {
    await target.waitFor({ timeout: 60_000 });
    for (let stop = 0; stop < mostStops; stop += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return assertVisibleFocus(target);
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${target}`);
  }

  async function assertVisibleFocus(target) {
    const shown = await target.evaluate((element) => {
      // A focus ring may be drawn by the element or by what frames it, such as the card around a radio button.
      const frames = [element, element.parentElement, element.closest('label')].filter(Boolean);
      return frames.some((frame) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(frame);
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
      });
    });
    assert.ok(shown, `the focus on ${target} cannot be seen`);
  }

  async function type(label, text) {
    await tabTo(page.getByLabel(label, { exact: true }));
    await page.keyboard.type(text);
  }

  it('signs up', async () => {
    await page.goto(`${platform.url}/signup`);
    await type('E-mail', person.email);
    await type('Password', person.password);
    await type('Organization', person.organization);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New app' }).waitFor();
  });

  it('creates an app, choosing its region with the arrow keys', async () => {
    await type('Name', 'Keyboard app');
    await page.keyboard.press('Tab');
    const regions = page.getByRole('radio');
    const before = await regions.evaluateAll((radios) => radios.findIndex((radio) => radio.checked));
    await page.keyboard.press('ArrowDown');
    const now = await regions.evaluateAll((radios) => radios.findIndex((radio) => radio.checked));
    assert.notEqual(now, before);
    await tabTo(page.getByRole('button', { name: 'Create app' }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Waiting for the first request' }).waitFor({ timeout: 60_000 });
  });

  it('chooses a language and copies the code', async () => {
    await tabTo(page.getByRole('tab', { selected: true }));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await tabTo(page.getByRole('button', { name: /^Copy .* code$/ }));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /code copied$/ }).waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /Parse/);
  });
});
