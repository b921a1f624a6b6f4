import type { StoredKey } from '../auth/key-store.js';

/** Keys for people, oldest first. @param nowMs Unix milliseconds */
export function keyTable(keys: readonly StoredKey[], nowMs: number): string {
  if (keys.length === 0) return 'There are no API keys; audio-subnet keys create makes one.';
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.scopes.join(','),
    day(key.createMs),
    state(key, nowMs),
  ]);
  const table = [['id', 'name', 'scopes', 'created', 'state'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}

function state({ revokeMs, rotateMs, secrets }: StoredKey, nowMs: number): string {
  if (revokeMs !== undefined) return `revoked ${day(revokeMs)}`;
  const inGrace = secrets.some(({ expireMs }) => expireMs !== undefined && expireMs > nowMs);
  if (rotateMs === undefined) return 'active';
  return `active, rotated ${day(rotateMs)}${inGrace ? ', the secret before still counts' : ''}`;
}

/** UTC */
function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
