/**
 * Counts codes that were tried on an account, for all nodes together. Of a million codes three are right at a time, so what
 * matters is how many can be tried in a year by somebody who knows the password: with the default of five in a quarter of
 * an hour and twenty in a day, less than one in forty gets in, and the owner has had a letter on the first day.
 */
export interface CodeLimits {
  /**
   * Counts an attempt before it is made, so that fifty at once cannot all pass the same look. `isLast` says that another
   * one would have to wait. @throws TooManyAttempts
   */
  begin(userId: string): Promise<{ isLast: boolean }>;
  /** The attempt was right: the account starts afresh. */
  succeed(userId: string): Promise<void>;
}
