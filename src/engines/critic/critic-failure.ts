/** Why a critic gave no judgement: a phrase that everyone may read. */
export class CriticFailure extends Error {
  override readonly name = 'CriticFailure';
}
