// Plain HTTP to a Parse app, for what the SDK has no word for.

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text as streamText } from 'node:stream/consumers';

import { keys } from './app-server.js';

/**
 * A function that sends one request with the REST key to the app at `url` and returns `{status, headers, text, body}`.
 * `raw` is sent as it is; `query` is an object whose values are sent as JSON.
 */
export function restClient(url) {
  return async (method, path, { body, raw, query, session, headers = {}, master = false } = {}) => {
    const response = await plain(method, url + path + search(query), {
      headers: {
        'x-parse-application-id': keys.appId,
        'x-parse-rest-api-key': keys.restAPIKey,
        ...(master ? { 'x-parse-master-key': keys.masterKey } : {}),
        ...(session ? { 'x-parse-session-token': session } : {}),
        'content-type': 'application/json',
        ...headers,
      },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    return { ...response, body: parsed(response.text) };
  };
}

/**
 * One HTTP request with nothing added; returns `{status, headers, text}`. Each has a connection of its own, because
 * Parse Server cuts one that is kept alive after some of its errors.
 */
export async function plain(method, url, { headers = {}, body } = {}) {
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const request = httpRequest(url, { method, agent: false, headers: { ...headers, ...length } }).end(body);
  const [response] = await once(request, 'response');
  return { status: response.statusCode, headers: new Headers(response.headers), text: await streamText(response) };
}

const parsed = (text) => (/^[[{"]/.test(text) ? JSON.parse(text) : text);

function search(query) {
  if (!query) return '';
  const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  return `?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, text(value)]))}`;
}
