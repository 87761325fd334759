/** The bounds of the hold book, each with its unit and its why. */
import { assert } from '../platform/assert.ts'
import { limits } from '../platform/limits.ts'

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
  /**
   * Changes that the stream of a home region keeps, some 400 bytes each: a hundred seconds of a
   * rush. Who is further behind takes a snapshot, which is less than so many changes.
   */
  streamEntriesMax: 100_000,
  /** Changes in one answer to a follower; applying them stops its Redis for some 10 ms. */
  changesPerAnswerMax: 500,
  /** Characters of changes or holds after which an answer to a follower takes no more. */
  followAnswerCharactersMax: 4 * 1024 * 1024,
  /** An answer between regions with more than this is not read on: twice what ours may have. */
  regionAnswerBytesMax: 16 * 1024 * 1024,
  /** Connections to one address of another region: a follower's, and those of a snapshot. */
  regionSocketsMax: 32,
  /** How long a follower's question waits for a change. Copies of a quiet region are so old. */
  followWaitMs: 2_000,
  /** A follower's question gets so long in all: its wait, a WAN round trip and a slow moment. */
  followTimeoutMs: 8_000,
  /** A server that follows and dies is succeeded by another one of its region after this. */
  followLeaseMs: 15_000,
  /** How often the others look whether it is their turn. */
  followWatchMs: 1_000,
  /** After a failure a follower waits, doubling, with full jitter. */
  followBackoffBaseMs: 100,
  followBackoffMaxMs: 5_000,
  /** Events whose books a snapshot fetches at one time. */
  followParallelMax: 8,
  /** Events in one part of the list of books; Redis walks some more for it. */
  booksPerPageMax: 1_000,
  /** Parts of the list of books: more than any region has events on sale. */
  booksPagesMax: 1_000,
  /** Holds in one part of a book, and how many of them Redis hands out at a time. */
  holdsPerPageMax: 10_000,
  holdsPerScan: 2_500,
  /** Parts of one book: more than 100,000 units and 250,000 remembered holds have. */
  bookPagesMax: 200,
  /** Such commands that are on their way at once; all of them take Redis some 20 ms. */
  commandsPerWave: 32,
  /** Units in one command while a copy is written. */
  copiedFieldsPerCommand: 1_000,
  /** Former epochs whose copies are looked for. */
  copiedEpochsMax: 8,
  /** Holds whose time is over that one look at a copy takes out. */
  copyPurgeMax: 200,
  /** A book that was lost waits so long for a follower to answer; then what SQL knows is enough. */
  copiesWaitMs: 1_000,
  /** Who answers is waited for this long in all: a fan's seats are worth some seconds of others. */
  copiesTotalMs: 5_000,
  /** A region that did not answer is not asked for copies or maps again for a while. */
  copiesRestMs: 10_000,
  /** How old a seat map of another region's event may be where it is not copied here. */
  elsewhereCacheMs: 1_000,
  /** 25 kB each at most. */
  elsewhereEventsMax: 1_000,
  /** Such maps that one server asks for at once: after a takeover there are many. */
  elsewhereAtOnce: 16,
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

assert(
  holdBookLimits.followTimeoutMs > holdBookLimits.followWaitMs + limits.connectTimeoutMs,
  'a follower waits for its answer longer than the answer waits for a change',
)
assert(
  holdBookLimits.followLeaseMs > holdBookLimits.followTimeoutMs,
  'who waits for an answer is not succeeded meanwhile',
)
assert(
  holdBookLimits.regionAnswerBytesMax > 2 * holdBookLimits.followAnswerCharactersMax,
  'what may be answered may be read',
)
