/** Why a critic gave no judgement: a phrase that everyone may read. */
export class CriticFailure extends Error {
  override readonly name = 'CriticFailure';
  /** Whether the critic was there and answered, though not as it was asked to. */
  readonly answered: boolean;

  constructor(
    message: string,
    { answered = true, ...options }: ErrorOptions & { readonly answered?: boolean } = {},
  ) {
    super(message, options);
    this.answered = answered;
  }
}
