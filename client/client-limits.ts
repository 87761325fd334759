/** Every bound of the client, with its unit and its why. Relations are held by a test. */

export const clientLimits = {
  /**
   * One call with all its attempts. A fan does not wait longer; the server's own limits are of the
   * same size, and what is not known by then is asked for by key.
   */
  deadlineMs: 20_000,
  /** Sends of one call, the first included. */
  attemptsMax: 5,
  /** An attempt gets half of the time that is left, so that there is time for another, but this. */
  attemptMsMin: 1_000,
  /** With less time than this no attempt is begun: it could not be answered. */
  attemptMsUseful: 20,
  /** Back-off between attempts: doubles from base to max, full jitter. */
  backoffBaseMs: 100,
  backoffMaxMs: 5_000,
  /**
   * The retry budget of one client, as the AWS SDK's: while most calls succeed it never runs out;
   * in an outage it stops clients from multiplying the load by the number of attempts.
   */
  budgetTokens: 500,
  budgetRetryCost: 5,
  budgetTimeoutCost: 10,
  budgetSuccessGain: 1,
  /** An endpoint that failed is passed over for so long; doubles while it keeps failing. */
  endpointRestBaseMs: 1_000,
  endpointRestMaxMs: 60_000,
  /** Queries of one tick that share a request; the server takes 20. */
  batchCallsMax: 10,
  /** Together with a token of 4 KiB it stays under the server's 16 KiB of headers. */
  urlCharactersMax: 4_000,
} as const
