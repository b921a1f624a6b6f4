import type { FastifyInstance } from 'fastify';
import type { Scope } from '../domain/scope.js';

/** Everyone may ask (`open`), also with a key that is wrong; or with none but a right one (`public`); or a scope, or every one of several. */
type RouteScope = 'open' | 'public' | Scope | readonly Scope[];

/**
 * What a key needs for each route, for the document; the proxy decides, by its own rules for the calls behind the
 * route. A route without an entry is an error at start.
 */
export const ROUTE_SCOPES: Readonly<Record<string, RouteScope>> = {
  'POST /api/v1/transcription': 'submit',
  'POST /api/v1/tts': 'submit',
  'POST /api/v1/summarization': 'submit',
  'POST /api/v1/tasks/:task_id/cancel': 'submit',
  'DELETE /api/v1/tasks/:task_id': 'submit',
  'POST /api/v1/tasks/:task_id/webhook/redeliver': 'submit',
  'GET /api/v1/tasks': 'read',
  'GET /api/v1/tasks/:task_id': 'read',
  'GET /api/v1/tasks/:task_id/input': 'read',
  'HEAD /api/v1/tasks/:task_id/audio': 'read',
  'GET /api/v1/tasks/:task_id/audio': 'read',
  'GET /api/v1/tasks/:task_id/events': 'read',
  'GET /api/v1/tasks/:task_id/result': 'read',
  'GET /api/v1/tasks/:task_id/webhook': 'read',
  'GET /api/v1/task/:task_id/result': 'read',
  'GET /api/v1/task/:task_id/responses': 'read',
  // They hand in and watch.
  'POST /v1/audio/transcriptions': ['submit', 'read'],
  'POST /v1/audio/translations': 'open',
  'POST /v1/audio/speech': ['submit', 'read'],
  'POST /v1/chat/completions': ['submit', 'read'],
  'GET /v1/models': 'public',
  'GET /v1/models/:model': 'public',
  'GET /api/v1/content/:sha256': 'read',
  // Who may read may ask this too.
  'HEAD /api/v1/content/:sha256': 'submit',
  'PATCH /api/v1/content/:sha256': 'submit',
  'GET /api/v1/miners': 'public',
  'GET /api/v1/miners/:hotkey': 'public',
  'GET /api/v1/validator/integration': 'public',
  'GET /api/v1/validator/distribute': 'validate',
  'POST /api/v1/validator/distribute': 'validate',
  'POST /api/v1/validator/submit_result': 'validate',
  'GET /api/v1/health': 'open',
  'GET /health': 'open',
  'GET /docs': 'open',
  'GET /openapi.json': 'open',
};

/** Adds to the document of each route what it needs. Comes before the routes. */
export function documentScopes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    // What answers the methods that a path does not take is for everyone.
    if (route.schema?.hide === true) return;
    const [scope, ...others] = [route.method].flat().map((method) => scopeOf(`${method} ${route.url}`));
    if (scope === undefined || others.some((other) => other !== scope))
      throw new Error(`${route.url}: methods of different scopes must be routes of their own`);
    if (scope === 'open') return;
    route.schema = { ...route.schema, ...needs(scope), response: withRefusals(route.schema?.response) };
  });
}

function scopeOf(name: string): RouteScope {
  const scope = ROUTE_SCOPES[name];
  if (scope === undefined) throw new Error(`${name} has no entry in ROUTE_SCOPES`);
  return scope;
}

/** Scopes of keys cannot be told in OpenAPI 3.0 but in words. */
function needs(scope: Exclude<RouteScope, 'open'>) {
  const keys = [{ bearer: [] }, { apiKey: [] }];
  return scope === 'public'
    ? { security: [{}, ...keys] }
    : { security: keys, description: `Once the proxy has API keys: with ${scopes(scope)}.` };
}

function scopes(scope: Scope | readonly Scope[]): string {
  const [first, ...others] = [scope].flat().map((name) => `\`${name}\``);
  return others.length === 0 ? `the scope ${first ?? ''}` : `the scopes ${[first, ...others].join(' and ')}`;
}

function withRefusals(response: unknown): object {
  const refusals = {
    401: { description: 'No API key, or one that does not count' },
    403: { description: 'The key lacks a scope, which the detail names' },
  };
  return { ...(typeof response === 'object' ? response : {}), ...refusals };
}
