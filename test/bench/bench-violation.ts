/** A promise of the proxy was broken during a run; its figures do not count. */
export class BenchViolation extends Error {
  override readonly name = 'BenchViolation';
}
