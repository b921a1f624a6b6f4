import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InvalidRequest } from '../invalid-request.js';

type Done = (error: Error | null, body?: object) => void;

/** Takes JSON and urlencoded bodies as records of fields; an empty body has none. */
export function addBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  add(app, 'application/json', jsonFields);
  add(app, 'application/x-www-form-urlencoded', (text) => Object.fromEntries(new URLSearchParams(text)));
}

function add(app: FastifyInstance, mediaType: string, fields: (text: string) => object): void {
  const parser = (_request: FastifyRequest, body: string, done: Done) => {
    try {
      done(null, fields(body));
    } catch (error) {
      done(error instanceof Error ? error : new Error('unreadable body', { cause: error }));
    }
  };
  app.addContentTypeParser(mediaType, { parseAs: 'string' }, parser);
}

function jsonFields(text: string): object {
  if (text.trim() === '') return {};
  const value = parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InvalidRequest([
    { type: 'model_attributes_type', loc: ['body'], msg: 'Input should be a valid object', input: null },
  ]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    throw new InvalidRequest([
      {
        type: 'json_invalid',
        loc: ['body', position],
        msg: 'JSON decode error',
        input: {},
        ctx: { error: message },
      },
    ]);
  }
}
