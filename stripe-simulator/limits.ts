/**
 * Every bound of the simulator, with its reason. What has no bound here must not grow.
 */

const SECOND_MS = 1_000
const HOUR_MS = 3_600 * SECOND_MS

export const limits = {
  /** Intents kept; beyond it the oldest finished ones go, with their charges and refunds. About 8 kB each with all that hangs on it. */
  maxIntents: 100_000,
  /** Intents that are not finished cannot be dropped (they hold money), so creation is refused at this multiple. */
  unfinishedIntentsFactor: 2,
  /** Events kept per kept intent: a sale makes five, a refund two more. */
  eventsPerIntent: 6,
  /** Idempotency keys kept per kept intent: create, confirm, capture or cancel, one to spare. */
  keysPerIntent: 4,
  /** Stripe: "Idempotency keys are up to 255 characters long." */
  idempotencyKeyLength: 255,
  /** Stripe: keys may be removed once they are at least 24 hours old. */
  idempotencyKeyTtlMs: 24 * HOUR_MS,
  /** An authorisation that nobody captures is cancelled after seven days, as for online card payments. */
  authorizationTtlMs: 7 * 24 * HOUR_MS,
  requestBodyBytes: 1_048_576,
  formPairs: 1_000,
  formDepth: 6,
  metadataKeys: 50,
  metadataKeyLength: 40,
  metadataValueLength: 500,
  textLength: 5_000,
  listPage: 100,
  listPageDefault: 10,
  /** Stripe refuses amounts of more than eight digits. */
  amountMinorUnits: 99_999_999,
  faultRules: 1_000,
  /** How long a faulted request hangs before its connection is closed, when the rule does not say. */
  hangMs: 80 * SECOND_MS,
  faultDelayMs: 600 * SECOND_MS,
  webhookEndpoints: 16,
  /** Requests to one webhook endpoint at once. */
  webhookConcurrency: 8,
  /** Deliveries that wait; beyond it new ones are given up and counted: a load test must not fill the memory. */
  webhookQueue: 100_000,
  webhookAttempts: 8,
  webhookRetryFirstMs: 250,
  webhookRetryLastMs: 30 * SECOND_MS,
  webhookTimeoutMs: 10 * SECOND_MS,
  /** A reordered event goes out alone when no later event overtakes it within this time. */
  webhookReorderHoldMs: 2 * SECOND_MS,
  webhookDelayMs: 2 * SECOND_MS,
  statePage: 1_000,
  /** The longest step of the simulated clock: ten years. */
  clockAdvanceMs: 10 * 365 * 24 * HOUR_MS,
  /** A journal larger than this, and mostly dead, is rewritten at the start to what is alive. */
  journalCompactBytes: 64 * 1_048_576,
  /** Idle connections outlive the client's own keep-alive, so that a reused socket is not a closed one. */
  keepAliveMs: 65 * SECOND_MS,
} as const
