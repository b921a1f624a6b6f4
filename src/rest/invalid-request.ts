/** One thing that is wrong with a request, as FastAPI words it. */
export interface FieldProblem {
  readonly type: string;
  /** Part of the request, then the path in it. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** A request whose carriers do not say what a route needs: 422 with a list. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  constructor(readonly problems: readonly FieldProblem[]) {
    super(problems.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
  }
}
