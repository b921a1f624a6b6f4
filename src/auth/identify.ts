import { ANONYMOUS, type Owner } from '../domain/ids.js';
import { allowedBy, type Scope } from '../domain/scope.js';

/** Who makes a call. */
export interface Caller {
  readonly owner: Owner;
  /** With what `admin` stands for. */
  readonly scopes: ReadonlySet<Scope>;
  /**
   * Calls back once what the caller showed counts no more; the returned function takes it back. Absent where
   * it counts for ever.
   */
  onRevoked?(listener: () => void): () => void;
}

/** What a call says about who makes it. */
export interface Credentials {
  /** Values of the `authorization` metadata. */
  readonly authorization: readonly string[];
  /** Values of the `x-api-key` metadata. */
  readonly apiKey: readonly string[];
  /** Address of the other end of the connection. */
  readonly peer: string;
  /** It came through a bridge that others than this machine reach. */
  readonly isFromOutside: boolean;
}

/**
 * Undefined for one who shows nothing where that is not enough. A promise only where something has to be looked
 * up: each one that is waited for costs every call.
 *
 * @throws Refusal UNAUTHENTICATED
 */
export type Identify = (credentials: Credentials) => Caller | undefined | Promise<Caller | undefined>;

const EVERYONE: Caller = { owner: ANONYMOUS, scopes: allowedBy(['submit', 'read', 'validate']) };

/** Everyone is the same owner. */
export const identify: Identify = () => EVERYONE;
