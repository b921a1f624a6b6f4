import { Refusal } from '../domain/errors.js';
import { ANONYMOUS } from '../domain/ids.js';
import type { Scope } from '../domain/scope.js';
import type { AccessRule } from './access-rules.js';
import type { Caller, Credentials, Identify } from './identify.js';

/** Lets a call in as somebody. @throws Refusal UNAUTHENTICATED, PERMISSION_DENIED */
export type Admit = (credentials: Credentials) => Caller | Promise<Caller>;

/** One of whom nothing is known and who may nothing. */
const STRANGER: Caller = { owner: ANONYMOUS, scopes: new Set() };

/** How calls of one method are let in. @param rule absent refuses all of them */
export function createAdmit(rule: AccessRule | undefined, identify: Identify): Admit {
  if (rule === undefined)
    return () => {
      throw new Refusal('PERMISSION_DENIED', 'nobody may call this method: it has no access rule');
    };
  if (rule === 'open') return () => STRANGER;
  const check = rule === 'public' ? (caller?: Caller) => caller ?? STRANGER : checkScopes(rule);
  return (credentials) => {
    const caller = identify(credentials);
    return caller instanceof Promise ? caller.then(check) : check(caller);
  };
}

/** @throws Refusal PERMISSION_DENIED naming the scope that the caller lacks */
export function needScope({ scopes }: Caller, scope: Scope): void {
  if (!scopes.has(scope)) throw missing([scope]);
}

function checkScopes(rule: Scope | readonly Scope[]): (caller: Caller | undefined) => Caller {
  const scopes: readonly Scope[] = typeof rule === 'string' ? [rule] : rule;
  return (caller) => {
    if (caller === undefined)
      throw new Refusal(
        'UNAUTHENTICATED',
        'an API key is needed: send it as Authorization: Bearer <key> or X-API-Key: <key>',
      );
    if (!scopes.some((scope) => caller.scopes.has(scope))) throw missing(scopes);
    return caller;
  };
}

function missing(scopes: readonly Scope[]): Refusal {
  const names = scopes.join(' or ');
  return new Refusal('PERMISSION_DENIED', `this needs the scope ${names}, which the caller does not have`, {
    metadata: { scope: scopes.join(',') },
  });
}
