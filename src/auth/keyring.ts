import { Refusal } from '../domain/errors.js';
import { ANONYMOUS, type Owner } from '../domain/ids.js';
import type { Scope } from '../domain/scope.js';
import type { Clock } from '../runtime/clock.js';
import { anonymousScopes, type AnonymousRules } from './anonymous.js';
import type { Caller, Credentials, Identify } from './identify.js';
import type { HashKey } from './key-secret.js';
import type { KeyStore, StoredKey } from './key-store.js';
import { formOfKey, newKeyId, newKeyText } from './key-text.js';
import { Pass } from './pass.js';
import { shownKey } from './shown-key.js';

/** How often changes of the keys are looked for, and grace times that are over. */
const CHECK_MS = 250;

export interface KeyringOptions {
  readonly store: KeyStore;
  readonly hash: HashKey;
  readonly clock: Clock;
  readonly anonymous: AnonymousRules;
  /** Changes could not be looked for: the keys that were read last go on to count. */
  readonly onError: (error: unknown) => void;
}

/**
 * Every key that counts, in memory, so that who calls is known without waiting. What changes in the store counts
 * after CHECK_MS; a key that was just made at once, for one that is not known is looked for.
 */
export class Keyring {
  readonly #options: KeyringOptions;
  /** By hash. */
  #passes = new Map<string, Pass>();
  /** By hash: those of this process alone. */
  readonly #own = new Map<string, Pass>();
  /** By text, of keys that counted before: hashing takes 3 us. Cleared when anything changes. */
  readonly #seen = new Map<string, Pass>();
  #keys: readonly StoredKey[] = [];
  #version = Number.NaN;
  #nextExpiryMs = Infinity;
  #anonymous: Pass | undefined;
  /** Anonymous callers that are not of this machine although the proxy is on loopback. */
  #outsider: Pass | undefined;
  #checking: Promise<void> | undefined;
  #stopTimer: () => void = () => undefined;
  #stopped = false;

  private constructor(options: KeyringOptions) {
    this.#options = options;
  }

  /** Reads the keys. @throws what the store throws */
  static async open(options: KeyringOptions): Promise<Keyring> {
    const keyring = new Keyring(options);
    await keyring.#read();
    keyring.#checkLater();
    return keyring;
  }

  /** Whether a key was ever made, be it revoked since. */
  get everCreated(): boolean {
    return this.#keys.length > 0;
  }

  /** What callers without a key may do; undefined when there may be none. */
  get anonymousMay(): readonly Scope[] | undefined {
    return this.#anonymous?.granted;
  }

  /** Makes a key that lives as long as this process. @returns its text */
  lend(owner: string, scopes: readonly Scope[]): string {
    const text = newKeyText(newKeyId());
    this.#own.set(this.#options.hash(text), new Pass(owner as Owner, scopes));
    return text;
  }

  readonly identify: Identify = (credentials) => {
    const shown = shownKey(credentials);
    switch (shown.kind) {
      case 'none':
        return this.#withoutKey(credentials);
      case 'unclear':
        return this.#unknown(shown.why, credentials);
      case 'key':
        return this.#seen.get(shown.text) ?? this.#look(shown.text, credentials);
    }
  };

  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
    this.#options.store.close();
  }

  /** A bridge on this machine may serve others: to them the proxy is not on loopback. */
  #withoutKey({ isFromOutside }: Credentials): Caller | undefined {
    return isFromOutside ? this.#outsider : this.#anonymous;
  }

  #look(text: string, credentials: Credentials): Caller | undefined | Promise<Caller | undefined> {
    switch (formOfKey(text)) {
      case 'foreign':
        return this.#unknown('the API key is not known', credentials);
      case 'mistyped':
        return this.#unknown('the API key is mistyped: its checksum does not fit', credentials);
      case 'key': {
        const hash = this.#options.hash(text);
        return this.#find(text, hash) ?? this.#checkNow().then(() => this.#found(text, hash, credentials));
      }
    }
  }

  #find(text: string, hash: string): Pass | undefined {
    const pass = this.#own.get(hash) ?? this.#passes.get(hash);
    if (pass !== undefined) this.#seen.set(text, pass);
    return pass;
  }

  #found(text: string, hash: string, credentials: Credentials): Caller | undefined {
    return this.#find(text, hash) ?? this.#unknown('the API key is not known, or was revoked', credentials);
  }

  /** Before the first key is made it does not matter what is shown: clients that always show one just work. */
  #unknown(why: string, credentials: Credentials): Caller | undefined {
    if (!this.everCreated) return this.#withoutKey(credentials);
    throw new Refusal('UNAUTHENTICATED', why);
  }

  #checkLater(): void {
    this.#stopTimer = this.#options.clock.after(CHECK_MS, () => {
      void this.#checkNow().then(() => {
        if (!this.#stopped) this.#checkLater();
      });
    });
  }

  /** Never rejects. Many that ask at once wait for the same answer. */
  #checkNow(): Promise<void> {
    this.#checking ??= this.#check()
      .catch(this.#options.onError)
      .finally(() => {
        this.#checking = undefined;
      });
    return this.#checking;
  }

  async #check(): Promise<void> {
    if (this.#stopped) return;
    if ((await this.#options.store.version()) !== this.#version) await this.#read();
    else if (this.#options.clock.wall() >= this.#nextExpiryMs) this.#apply(this.#keys);
  }

  async #read(): Promise<void> {
    const { store } = this.#options;
    // What changes in between is read again the next time.
    const version = await store.version();
    this.#apply(await store.list());
    this.#version = version;
  }

  #apply(keys: readonly StoredKey[]): void {
    const nowMs = this.#options.clock.wall();
    const passes = new Map<string, Pass>();
    this.#nextExpiryMs = Infinity;
    for (const { id, scopes, secrets } of keys)
      for (const { hash, expireMs = Infinity } of secrets) {
        if (expireMs <= nowMs) continue;
        passes.set(hash, this.#passes.get(hash) ?? new Pass(ownerOf(id), scopes));
        this.#nextExpiryMs = Math.min(this.#nextExpiryMs, expireMs);
      }
    const ended = [...this.#passes].filter(([hash]) => !passes.has(hash));
    this.#keys = keys;
    this.#passes = passes;
    this.#seen.clear();
    for (const [, pass] of ended) pass.revoke();
    this.#applyAnonymous();
  }

  #applyAnonymous(): void {
    const { anonymous } = this.#options;
    this.#anonymous = renewed(this.#anonymous, anonymousScopes(anonymous, this.everCreated));
    const outside = anonymousScopes({ ...anonymous, onLoopback: false }, this.everCreated);
    this.#outsider = renewed(this.#outsider, outside);
  }
}

/** Those who were let in without a key leave when they may do something else now. */
function renewed(before: Pass | undefined, scopes: readonly Scope[] | undefined): Pass | undefined {
  if (before?.granted === scopes) return before;
  before?.revoke();
  return scopes && new Pass(ANONYMOUS, scopes);
}

/** A key keeps its id over every rotation, and with it what it owns. */
function ownerOf(id: string): Owner {
  return `key:${id}` as Owner;
}
