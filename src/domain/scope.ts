/** What a caller may do: hand tasks in, read its own, work on those of others, or everything. */
export const SCOPES = ['submit', 'read', 'validate', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** With what `admin` stands for. */
export function allowedBy(scopes: readonly Scope[]): ReadonlySet<Scope> {
  return new Set(scopes.includes('admin') ? SCOPES : scopes);
}

/**
 * Metadata by which a bridge that others than its machine reach marks the calls that it passes on. It can only make
 * a call worth less.
 */
export const OUTSIDE_KEY = 'audio-subnet-from-outside';
