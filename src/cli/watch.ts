import type { WatchConfig } from '../config/user.js';
import { awaitResult } from './await-result.js';
import type { UserSession } from './user-session.js';

/** Waits for a task and prints its result. */
export function runWatch(config: WatchConfig, session: UserSession): Promise<void> {
  return awaitResult(session, config.id, config);
}
