import { ANONYMOUS, type Owner } from '../domain/ids.js';

/** Who makes a call. */
export interface Caller {
  readonly owner: Owner;
}

/** What a call says about who makes it. */
export interface Credentials {
  /** Value of the `authorization` metadata. */
  readonly authorization?: string;
  /** Address of the other end of the connection. */
  readonly peer: string;
}

/** @throws Refusal UNAUTHENTICATED, PERMISSION_DENIED */
export type Identify = (credentials: Credentials) => Promise<Caller>;

/** Everyone is the same owner. */
export const identify: Identify = () => Promise.resolve({ owner: ANONYMOUS });
