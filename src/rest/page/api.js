/** @import { Submitted } from './types.js' */

const KEY = 'audio-subnet.key';

/** A refusal of the API, in its words. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 when the proxy was not reached
   * @param {string} message
   * @param {string} field of the request that it is about; empty when about none
   */
  constructor(status, message, field = '') {
    super(message);
    this.status = status;
    this.field = field;
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function apiKey() {
  return sessionStorage.getItem(KEY) ?? '';
}

/** @param {string} key empty removes it */
export function useApiKey(key) {
  if (key === '') sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
}

/** @returns {Record<string, string>} */
function authorization() {
  const key = apiKey();
  return key === '' ? {} : { authorization: `Bearer ${key}` };
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Response>} with a status of success
 * @throws {ApiError}
 */
export async function request(path, init = {}) {
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(authorization())) headers.set(name, value);
  let response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw refusal(response.status, await response.text());
  return response;
}

/**
 * @template Answer
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Answer>}
 */
export async function json(path, init = {}) {
  const response = await request(path, init);
  return /** @type {Answer} */ (await response.json());
}

/**
 * Sends a form and tells how far the upload is, which `fetch` cannot.
 *
 * @param {string} path
 * @param {FormData} form
 * @param {(share: number) => void} onProgress
 * @returns {Promise<Submitted>}
 */
export function upload(path, form, onProgress) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', path);
    for (const [name, value] of Object.entries(authorization())) call.setRequestHeader(name, value);
    call.upload.addEventListener('progress', ({ loaded, total }) => {
      onProgress(total === 0 ? 0 : loaded / total);
    });
    call.addEventListener('error', () => {
      reject(unreachable());
    });
    call.addEventListener('load', () => {
      if (call.status === 200) resolve(/** @type {Submitted} */ (JSON.parse(call.responseText)));
      else reject(refusal(call.status, call.responseText));
    });
    call.send(form);
  });
}

function unreachable() {
  return new ApiError(0, 'The proxy cannot be reached.');
}

/**
 * @param {number} status
 * @param {string} body
 */
function refusal(status, body) {
  const detail = detailOf(body);
  if (Array.isArray(detail)) {
    const [first] = /** @type {{ loc: (string | number)[], msg: string }[]} */ (detail);
    const field = String(first?.loc.at(-1) ?? '');
    return new ApiError(status, sentence(first?.msg ?? 'The request is not valid'), field);
  }
  return new ApiError(status, sentence(typeof detail === 'string' ? detail : `The proxy answered ${status}`));
}

/**
 * @param {string} body
 * @returns {unknown}
 */
function detailOf(body) {
  try {
    return /** @type {{ detail?: unknown }} */ (JSON.parse(body)).detail;
  } catch {
    // Something between page and proxy answered; its status is all there is to say.
    return undefined;
  }
}

/** @param {string} text */
function sentence(text) {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
