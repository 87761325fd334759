/** The bounds of the hold book, each with its unit and its why. */

export const holdBookLimits = {
  /** Times that a choice is made anew because all of its candidates were taken meanwhile. */
  choiceRoundsMax: 8,
  /** Candidates that one choice offers: one script call settles most races among them. */
  candidatesPerChoice: 16,
  /** Seats that one look for the best ones goes through, if it finds some there: 0.3 ms. */
  unitsPerChoice: 2_000,
  /** Expired holds that one Redis script frees: 200 holds of a few units take some milliseconds. */
  purgePerScriptMax: 200,
  /** Calls in a row that only free what has expired: 200 times this is more than an event holds. */
  purgeRoundsMax: 1_000,
  /** Times that a call loads the book of an event before it gives up: Redis is wiped in between. */
  loadRoundsMax: 3,
  /** Living and remembered holds in one event's book; beyond it, ended holds are forgotten at once. */
  recordsPerBookMax: 250_000,
  /** A book that nobody uses dies after this: an old epoch's, or a past event's. */
  bookIdleTtlMs: 3 * 24 * 60 * 60_000,
  /** A book that is being prepared is dropped after this when its server dies. */
  preparedTtlMs: 60_000,
  /** Fields in one command while a book is prepared. */
  preparedFieldsPerCommand: 1_000,
  /** A Redis command that takes longer than this will not help the fan who waits. */
  commandTimeoutMs: 2_000,
  connectTimeoutMs: 2_000,
  /** Reconnecting waits this much longer each time, up to the maximum. */
  reconnectStepMs: 50,
  reconnectMaxMs: 1_000,
  /** Order or hold ids in one point lookup while a book is rebuilt. */
  ownersPerLookupMax: 5_000,
  /** SQL book: how old the bitmap may be from which units are chosen. */
  bitmapAgeMaxMs: 500,
  /** SQL book: events whose bitmaps are kept in memory, 25 kB each at most. */
  bitmapsMax: 200,
  /**
   * Redis book: choices of one event that one server works on at once. Each costs the event loop
   * up to a millisecond; with all of them at once, answers of Redis would wait behind them.
   */
  choicesAtOnce: 16,
  /**
   * SQL book: writes of one event that one server has in flight. PostgreSQL at SERIALIZABLE serves
   * one at a time best: rivals only fail one another.
   */
  sqlWritesAtOnce: 1,
  /**
   * Calls that may wait for their turn at one event in one server. At a thousand holds a second the
   * last one waits for two seconds.
   */
  waitingPerEventMax: 2_000,
} as const
