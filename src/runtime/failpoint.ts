/** A moment at which a crash would tell whether promises hold; tests may strike there. */
export type Failpoint =
  /** In the store's thread, around the COMMIT of a group. */
  | 'before_commit'
  | 'after_commit'
  /** There too: tasks are on their way to validators, and neither on the disk nor acknowledged. */
  | 'before_sync'
  /** Around the answers to the callers whose group was committed. */
  | 'before_reply'
  | 'after_reply'
  /** Tasks are leased durably; their event is not on its stream yet. */
  | 'between_claim_and_write';

let hook: ((name: Failpoint) => void) | undefined;

/** Does nothing unless a test armed it in this thread. */
export function failpoint(name: Failpoint): void {
  hook?.(name);
}

/** For tests alone. */
export function armFailpoints(armed: (name: Failpoint) => void): void {
  hook = armed;
}
