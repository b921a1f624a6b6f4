/** How many questions of its own a validator asks. */
export interface ChallengeSettings {
  /** Questions an hour that are made up for where users ask fewer. */
  readonly perHour: number;
  /** Share of all questions that are the validator's own while users ask more, in [0, 1). */
  readonly share: number;
}

/** Own questions an hour beside those of users. */
export function challengesPerHour({ perHour, share }: ChallengeSettings, usersPerHour: number): number {
  return Math.max(perHour - usersPerHour, (usersPerHour * share) / (1 - share), 0);
}
