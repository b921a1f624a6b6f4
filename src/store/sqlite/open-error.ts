/** Why a database cannot be opened, in one line that says what to do. */
export class OpenError extends Error {
  override readonly name = 'OpenError';
}
