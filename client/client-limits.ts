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
  /**
   * How far away a region is: the fastest of its last nine answers to a `GET /livez`, three in each
   * round. Jitter and queues only add time, so the fastest is what the distance costs.
   */
  probesPerRound: 3,
  samplesMax: 9,
  /** A far region needs three round trips for its first answer; who needs longer is out of reach. */
  probeTimeoutMs: 2_000,
  /** The first call goes to the region that answers first, or after so long to the caller's first. */
  firstAnswerMs: 1_000,
  /** Distances hardly change. Measured when somebody calls, a quarter earlier or later by chance. */
  roundEveryMs: 180_000,
  roundJitterShare: 0.25,
  /** One that failed is measured more often until it has been steady, to go home in time. */
  recheckEveryMs: 10_000,
  /**
   * Going to another region while the present one answers: only to one that is nearer by 20 ms and
   * by a quarter, twice in a row, and has not failed for half a minute. Less than 20 ms nobody
   * feels, and each move costs new connections.
   */
  nearerByMs: 20,
  nearerByShare: 0.25,
  nearerRounds: 2,
  steadyAfterMs: 30_000,
  /**
   * After so long without an answer, or half of its attempt's time, an endpoint is asked whether it
   * lives at all.
   */
  suspectAfterMs: 1_500,
  /** Of the session token; what is longer loses its oldest part. Headers together have 16 KiB. */
  sessionCharactersMax: 2_000,
  /** Queries of one tick that share a request; the server takes 20. */
  batchCallsMax: 10,
  /** Together with a token of 4 KiB it stays under the server's 16 KiB of headers. */
  urlCharactersMax: 4_000,
} as const
