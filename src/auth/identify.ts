import { ANONYMOUS, type Owner } from '../domain/ids.js';

/** Who makes a call. */
export interface Caller {
  readonly owner: Owner;
}

/** What a call says about who makes it. */
export interface Credentials {
  /** Value of the `authorization` metadata. */
  readonly authorization: string | undefined;
  /** Address of the other end of the connection. */
  readonly peer: string;
}

/**
 * A promise only where something has to be looked up: each one that is waited for costs every call.
 *
 * @throws Refusal UNAUTHENTICATED, PERMISSION_DENIED
 */
export type Identify = (credentials: Credentials) => Caller | Promise<Caller>;

const EVERYONE: Caller = { owner: ANONYMOUS };

/** Everyone is the same owner. */
export const identify: Identify = () => EVERYONE;
