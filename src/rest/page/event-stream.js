import { ApiError } from './api.js';

/**
 * @typedef {{ id: string, event: string, data: string }} StreamEvent
 */

/** A stream on which nothing came for so long, not even a comment, is dead. */
const SILENT_MS = 60_000;

/**
 * The events of a `text/event-stream`, which the browser's own EventSource reads only without a header
 * for an API key.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {AbortController} connection aborted when it is silent
 * @returns {AsyncGenerator<StreamEvent>}
 * @throws {ApiError} when it was cut
 */
export async function* readEvents(body, connection) {
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await read(reader, connection);
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Leaving early must free the connection; a browser keeps six of them.
    void reader.cancel().catch(() => undefined);
  }
}

/**
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {AbortController} connection
 */
async function read(reader, connection) {
  const timer = setTimeout(() => {
    connection.abort();
  }, SILENT_MS);
  try {
    return await reader.read();
  } catch {
    throw new ApiError(0, 'The connection was cut.');
  } finally {
    clearTimeout(timer);
  }
}

/** Lines to events; an event ends at an empty line, and one without data is none. */
export class EventParser {
  #rest = '';
  #id = '';
  #event = '';
  /** @type {string[]} */
  #data = [];

  /**
   * @param {string} text what came next, cut anywhere
   * @returns {StreamEvent[]} the events that it completed
   */
  push(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line.replace(/\r$/, '')));
  }

  /**
   * @param {string} line
   * @returns {StreamEvent[]}
   */
  #line(line) {
    if (line === '') return this.#dispatch();
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === 'id') this.#id = value;
    else if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    return [];
  }

  #dispatch() {
    const data = this.#data;
    const event = this.#event || 'message';
    this.#data = [];
    this.#event = '';
    return data.length === 0 ? [] : [{ id: this.#id, event, data: data.join('\n') }];
  }
}
