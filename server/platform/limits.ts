/**
 * Everything has a bound, and every bound stands here with its unit and its why. Relations
 * between bounds are asserted at the end: a change that breaks one stops the start.
 */
import { assert } from './assert.ts'

export const limits = {
  /** Events beyond this are split by organisers already; claims of one event are made in one go. */
  unitsPerEventMax: 100_000,
  /** What one hold may ask for, whatever the event allows: keeps every statement small. */
  unitsPerHoldMax: 50,
  /** Organisers may set 1 to 60 minutes; shorter than a payment takes, or longer, helps nobody. */
  holdMinutesMin: 1,
  holdMinutesMax: 60,
  holdMinutesDefault: 10,
  /** A hold cannot be kept alive for ever by extending it: pretix's old fault (#1575). */
  holdLifeMaxMs: 2 * 60 * 60_000,
  /** From the start of checkout to the end of the reservation: enough for 3-D Secure. */
  reservationMs: 10 * 60_000,
  /** The hold book outlives the reservation by this, so that seats are never freed there first. */
  reservationSlackMs: 60_000,
  /** An unpaid order is settled this long after its reservation: Redis, Stripe and fan had time. */
  settleSlackMs: 5_000,
  /** An order that runs out within this counts as late: longer than its completion may take. */
  lateBeforeMs: 2 * 60_000,
  /** Ended holds are remembered so long, so that a repeated key is answered, not run again. */
  holdMemoryMs: 60 * 60_000,
  /** Attempts at a serializable write before the caller is told to come back. */
  transactionAttemptsMax: 10,
  /** Back-off between these attempts: doubles from base to max, full jitter. */
  transactionBackoffBaseMs: 5,
  transactionBackoffMaxMs: 500,
  /** Every statement ends by then; longer than a lost CockroachDB node needs to be replaced. */
  statementTimeoutMs: 30_000,
  /** Reads are tried this often over broken connections. */
  readAttemptsMax: 10,
  /** A connection that takes longer to open than this is not coming. */
  connectTimeoutMs: 5_000,
  connectionLifeMs: 5 * 60_000,
  /** An answer that is this much later than the statement's own timeout is not coming. */
  statementGraceMs: 2_000,
  /** Connections for reads that may be old: a third of all, and this many at the least. */
  stalePoolMin: 1,
  stalePoolPart: 1 / 3,
  /** A copy that does not answer such a read by then is given up, and left alone for a moment. */
  staleStatementTimeoutMs: 10_000,
  staleRestMs: 5_000,
  /** What a fan has seen newer is waited for so long, some ten WAN round trips; then old is shown. */
  readAgainWithinMs: 2_000,
  /** Such reads that wait for their turn: more than can be had in that time. */
  readsAgainWaitingMax: 1_000,
  /** Orders in a session token, its characters, and tokens of calls that were made side by side. */
  seenOrdersMax: 16,
  seenTokenCharactersMax: 1_024,
  seenTokensMax: 4,
  /** Writes of one event's sales that may wait their turn: some seconds' worth. */
  saleWritesWaitingMax: 1_000,
  /** Orders in one statement of a group. */
  ordersPerGroupMax: 64,
  /** Rows a worker takes at once, and how often it looks without a nudge. */
  workerBatchMax: 100,
  workerPeriodMs: 1_000,
  /** Rows in one look at an old copy that shows those in hand, too: 400 a second, Stripe takes 100. */
  dueRowsMax: 2_000,
  /** Duties in hand at once: each is one call to Stripe, which allows 100 writes a second. */
  workerParallelMax: 8,
  dutyBackoffBaseMs: 1_000,
  dutyBackoffMaxMs: 60_000,
  /** A row claimed by a worker that died is free again after this. */
  workerLeaseMs: 30_000,
  /** A duty is begun no later than this after it was claimed: one call to Stripe fits in behind. */
  dutyBeginWithinMs: 10_000,
  /** Calls to Stripe give up after this; the outcome is then read by key. */
  stripeTimeoutMs: 20_000,
  /** A wish whose keys are all spent has a new one this often: as often as fans are told to ask. */
  paymentKeyPeriodMs: 2_000,
  /** The last instant but one that JavaScript knows (ECMA-262, 21.4.1.1): versions made of times. */
  instantMsMax: 8_640_000_000_000_000 - 1,
  /** One page of a list. */
  pageMax: 100,
  /** Bodies: a JSON call, and a seat-map file (base64 of 16 MiB). */
  bodyBytesMax: 256 * 1024,
  seatMapBodyBytesMax: 24 * 1024 * 1024,
  /** Seat maps that one server reads and works on at once: some 100 MiB; and those of one caller. */
  uploadsMax: 4,
  uploadsPerCallerMax: 1,
  /** A map comes and is read within seconds. */
  uploadRetryAfterMs: 5_000,
  /** Bodies that always come in: calls of fans have some 500 bytes. */
  bodyBytesSmallMax: 16 * 1024,
  /** Bytes of larger ones in memory at once: 256 of the largest. */
  bodyBytesHeldMax: 64 * 1024 * 1024,
  /** Slow and idle connections: headers, whole request, silence, and between two requests. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  idleConnectionMs: 70_000,
  keepAliveMs: 65_000,
  headerBytesMax: 16 * 1024,
  /** How late the three above may be noticed. */
  connectionsCheckMs: 1_000,
  /** From the end of a request to the last byte of its answer: slow readers are let go. */
  answerMs: 120_000,
  /** After an answer that came before the body: going on to send, and silence. Less than drainMs. */
  lingerMs: 5_000,
  lingerSilenceMs: 2_000,
  /** Header lines: browsers and balancers send some thirty. */
  headersMax: 100,
  /** Path and query; proxies take no more either. */
  urlCharactersMax: 8_192,
  /** Connections of this server, and of one address block: a venue's network, or a balancer. */
  connectionsMax: 20_000,
  connectionsPerBlockMax: 5_000,
  /** Connections to the port of metrics: a few scrapers and somebody with curl. */
  metricConnectionsMax: 50,
  /** Metrics are written down and read by then; Prometheus itself gives up after ten seconds. */
  metricAnswerMs: 15_000,
  /** Requests that one connection has open at once: HTTP/1.1 clients have one. */
  pipelinedMax: 8,
  /** Brackets within brackets in JSON, and values in it: calls have some five, and hundreds. */
  jsonDepthMax: 32,
  jsonValuesMax: 50_000,
  /** Letters that wait or are on their way, some 10 kB each; a provider's outage fills this. */
  mailQueueMax: 1_000,
  /** Connections to the mail provider; most allow ten or more. */
  mailParallelMax: 4,
  /** One attempt at one letter, and of that: finding, connecting, the greeting, any silence. */
  mailAttemptTimeoutMs: 30_000,
  mailConnectTimeoutMs: 10_000,
  mailSilenceMs: 15_000,
  /** Some six minutes of attempts: longer than greylisting asks for, shorter than codes live. */
  mailAttemptsMax: 10,
  mailBackoffBaseMs: 1_000,
  mailBackoffMaxMs: 120_000,
  /** At the end, letters in hand get this long. */
  mailDrainMs: 4_000,
  /** How often the log says that letters are being lost. */
  mailComplaintMs: 60_000,
  /** Characters of a name that somebody chose, in a letter. */
  mailNameCharactersMax: 200,
  /** A node's failover takes some 20 s: readiness waits longer before it calls the database gone. */
  readinessTimeoutMs: 25_000,
  /** Orders that webhooks ask to settle and that wait; more are dropped, the reminder comes. */
  nudgesMax: 10_000,
  /** How long browsers keep what they were told: that we are https only, and who may call us. */
  httpsOnlySeconds: 365 * 24 * 3_600,
  preflightSeconds: 7_200,
  /** Calls in one HTTP batch. */
  batchCallsMax: 20,
  /** Characters of an idempotency key; the same bound as Stripe's. */
  keyCharactersMax: 255,
  /** After the signal to stop, calls in flight get this long. */
  drainMs: 10_000,
  /** An access token is taken for this long; it is checked without a database, so nothing ends it. */
  accessTokenMs: 5 * 60_000,
  /** How far the clock of whoever issued a token or a call may be ahead of ours. */
  clockSkewMs: 5_000,
  /** Outside issuers give hours; longer than this nobody stays whom their issuer turned away. */
  outsideTokenMs: 2 * 60 * 60_000,
  /** The signature of a known one is checked again this often, by the keys of then. */
  outsideTokenCheckMs: 60_000,
  /** A subject of OpenID Connect (Core 1.0, 2) has at most so many characters. */
  outsideSubjectCharactersMax: 255,
  /** One look at an outside issuer's documents: how long, how large, how soon again. */
  issuerTimeoutMs: 3_000,
  issuerBytesMax: 256 * 1024,
  issuerPauseMs: 10_000,
  /** Older keys are read again beside the calls; a key that was withdrawn is known to be by then. */
  issuerKeysFreshMs: 5 * 60_000,
  /** While an issuer is away its known keys go on for this long: a day's outage is outlived. */
  issuerKeysKeptMs: 24 * 60 * 60_000,
  /** A call between regions is signed for this long: a WAN round trip and a slow moment. */
  regionCallMs: 30_000,
  /** Characters of a signed call; ours have some 500, and a path may have been long. */
  regionCallCharactersMax: 8_192,
  /** Calls that are remembered until they end, so that none is taken twice: 3,000 a second. */
  regionCallsKnownMax: 100_000,
  /** Longer addresses are signed by their hash: header lines have a bound, and queries are long. */
  regionCallUrlCharactersMax: 1_024,
  /** How long a call of the sale may look for its authority, unless its client says: one attempt. */
  callDeadlineMs: 10_000,
  /** What a client may ask for; shorter than the life of the signature on a call between regions. */
  callDeadlineMaxMs: 29_000,
  /** The answer is on its way so long before the client's deadline. */
  callMarginMs: 100,
  /** Whose authority went elsewhere may still answer what it has in hand; then it is asked there. */
  forwardLeftMs: 1_000,
  /** With less time than this a call is not sent again: its answer would come too late. */
  forwardMsUseful: 250,
  /** Connections to one address of another region; a call holds one for a WAN round trip or two. */
  forwardSocketsMax: 128,
  /** Calls for one region that are on their way or wait for a connection: seconds' worth. */
  forwardsPerRegionMax: 2_000,
  /** Calls that wait until somebody has the authority; more are told to come back. */
  forwardsWaitingMax: 5_000,
  /** A TCP and a TLS handshake take three WAN round trips. */
  forwardConnectMs: 2_000,
  /** An address that failed is passed over for so long, if there is another. */
  forwardRestMs: 1_000,
  /** Between attempts at a region that does not answer; news of the authority come sooner. */
  forwardBackoffBaseMs: 50,
  forwardBackoffMaxMs: 1_000,
  /** Answers of the sale have some kilobytes; twenty large ones in a batch are below this. */
  forwardAnswerBytesMax: 4 * 1024 * 1024,
  /** A sale that was refused for its old epoch waits so long for the news of the new one. */
  authorityNewsMs: 5_000,
  /** Verified tokens that are remembered until they end: a check costs a fifth of a millisecond. */
  knownTokensMax: 10_000,
  /** How old a cached event may be. What sells is checked again inside the sale's statement. */
  eventCacheMs: 1_000,
  eventCacheEntriesMax: 10_000,
  /** How long a role that was taken away may still be used on another server. */
  standingCacheMs: 5_000,
  standingCacheEntriesMax: 10_000,
  /** Characters of the reason for which an admin of the platform acts for an organisation. */
  actingReasonCharactersMin: 10,
  actingReasonCharactersMax: 500,
  /** A state in an audit entry; what is larger is kept as its hash. Ten rows of a venue. */
  auditStateBytesMax: 16 * 1024,
  /** Times that an audit entry looks for the end of its chain, which other servers lengthen too. */
  auditAttemptsMax: 20,
  /** Chains whose ends a server remembers: organisations that are worked on at one time. */
  auditChainsKnownMax: 1_000,
  /** Entries of one chain that may wait for their turn: some seconds' worth. */
  auditEntriesWaitingMax: 1_000,
  /** Between two looks at other regions' audit chains: what is cut off meanwhile nobody saw. */
  witnessPeriodMs: 60_000,
  /** Addresses in the audit log are emptied after this: a year's audit has seen them by then. */
  auditAddressKeptMs: 400 * 24 * 60 * 60_000,
  /** An invitation may be accepted for a week. */
  invitationMs: 7 * 24 * 60 * 60_000,
  /** Invitations of one organisation that are open at once: nobody's staff grows faster. */
  invitationsOpenMax: 200,
  /** Characters of an e-mail address (RFC 5321, 4.5.3.1.3, less the angle brackets). */
  emailCharactersMax: 254,
  /** Whatever is personal and over is emptied this often. */
  forgetPeriodMs: 60_000,
  /** At most so many of a kind at a time: three million a day. */
  forgetRowsMax: 2_000,
  /** Keys of one organisation that work at once. */
  apiKeysPerOrganisationMax: 100,
  /** A key ends by then at the latest: what nobody renews, nobody needs. */
  apiKeyLifeMaxMs: 366 * 24 * 60 * 60_000,
  /** How long a key that was revoked may still be used on another server. */
  apiKeyCacheMs: 5_000,
  apiKeyCacheEntriesMax: 10_000,
  /** The last use of a key is written at most so often by each server. */
  apiKeyUseWrittenMs: 60_000,
  /** Spans that wait for export; more are lost. Some 2 KB each. */
  traceQueueMax: 2_048,
  /** Spans in one export: writing them down stops the event loop for about a millisecond. */
  traceBatchMax: 256,
  traceDelayMs: 2_000,
  /** A collector gets so long to take a batch; at the end what is left gets so long in all. */
  traceExportTimeoutMs: 5_000,
  traceFlushMs: 3_000,
  /** Lines of the log that wait for a slow reader: seconds of a flood; more are lost and counted. */
  logWaitingCharactersMax: 4 * 1024 * 1024,
  /** How often the log says that spans are being lost. */
  traceComplaintMs: 60_000,
  /** Work begun later than this after its cause only links to it: collectors close a trace by then. */
  traceJoinMs: 30_000,
  /** Characters of the header tracestate (W3C Trace Context, 3.3.1.5). */
  tracestateCharactersMax: 512,
  /** Label sets of histograms for which an example of a trace is remembered. */
  exemplarSeriesMax: 2_000,
  /** Passwords: NIST SP 800-63B asks for length and nothing else; the upper bound keeps hashing even. */
  passwordCharactersMin: 8,
  passwordCharactersMax: 128,
  /** scrypt of one password costs some 60 ms of a core and 32 MiB: sales keep the rest. */
  passwordHashesAtOnce: 2,
  /** Password checks that wait: some seconds' worth; more are told to come back. */
  passwordHashesWaitingMax: 100,
  passwordRetryAfterMs: 5_000,
  /** A code by mail: digits, how long it is good for, and how often it may be mistyped. */
  mailCodeDigits: 6,
  mailCodeMs: 10 * 60_000,
  mailCodeAttemptsMax: 5,
  /** From the right password to the second factor. */
  challengeMs: 10 * 60_000,
  /** Wrong second factors in a row, over all challenges, and how long the account then rests. */
  secondFactorFailuresMax: 10,
  secondFactorRestMs: 15 * 60_000,
  /** A code of an authenticator is good for its period and one on either side. */
  authenticatorCodeMs: 90_000,
  /** A device that is not used for so long, or is this old, signs in again (NIST SP 800-63B, AAL1). */
  refreshIdleMs: 30 * 24 * 60 * 60_000,
  sessionLifeMaxMs: 90 * 24 * 60 * 60_000,
  /** Signed-in devices shown in one list. */
  sessionsListedMax: 100,
  /** Calls are counted in windows of this length. */
  rateWindowMs: 60_000,
  /** Calls a window unless the settings say otherwise: ten a second; a buyer makes ten in all. */
  ratePerCaller: 600,
  /** Of whoever is nobody, from one address: a venue's network with hundreds who browse. */
  ratePerAddress: 6_000,
  ratePerOrganisation: 6_000,
  /** All calls from one address, signed in or not, are this many times `ratePerAddress`. */
  rateSharedAddressFactor: 10,
  /** Up to this part of a limit one server counts alone: whoever is modest costs Redis nothing. */
  rateQuietPart: 0.1,
  /** Callers and addresses that one server counts at one time, some 200 bytes each. */
  rateTalliesMax: 200_000,
  /** Counting is worth no more waiting than this; then Redis is left alone for a moment. */
  rateCommandTimeoutMs: 100,
  rateRedisRestMs: 1_000,
  /** Wrong secrets of one account from one address block that cost no time: people mistype. */
  attemptsFree: 5,
  /** The same from all blocks that have not yet shown the right one: a family, not a swarm. */
  attemptsFreeEverywhere: 20,
  /** Then the wait doubles with each: 1 s, 2 s, … up to a quarter of an hour: 96 guesses a day. */
  attemptDelayBaseMs: 1_000,
  attemptDelayMaxMs: 15 * 60_000,
  /** What others' failures may make a newcomer wait: an owner who travels still gets in. */
  attemptDelayElsewhereMaxMs: 60_000,
  /** Failures are forgotten this long after the last; where an owner signed in, longer. */
  attemptsMemoryMs: 2 * 60 * 60_000,
  attemptsKnownMs: 90 * 24 * 60 * 60_000,
  /** Accounts' failures in memory while Redis is away. */
  attemptsInMemoryMax: 20_000,
  /** What has expired in the accounts' tables is deleted after this, so many rows at once. */
  accountLeftoversMs: 24 * 60 * 60_000,
  /** The topology's file: hundreds of times what three regions need. */
  topologyBytesMax: 256 * 1024,
  /** Regions of one installation: each follows the holds of all others. */
  regionsMax: 16,
  /** Addresses at which one region's servers are reached from others, tried in order. */
  internalUrlsMax: 32,
  /** How long an authority may grant after a renewal, and how often it renews; the topology may say. */
  leaseMsDefault: 3_000,
  heartbeatMsDefault: 1_000,
  /** A shorter lease is lost to a pause of one process; with a longer one a lost region is long lost. */
  leaseMsMin: 500,
  leaseMsMax: 60_000,
  /** A renewal is a commit, and under region survival a WAN round trip of its own. */
  heartbeatMsMin: 100,
  /** Heartbeats in a lease: one may fail, and the next one still comes in time. */
  heartbeatsPerLeaseMin: 2.5,
  /** A simulated round trip: once around the earth by satellite, and room. */
  roundTripMsMax: 2_000,
} as const

assert(limits.reservationMs > limits.statementTimeoutMs, 'a reservation outlives a statement')
assert(limits.lateBeforeMs > 2 * limits.statementTimeoutMs, 'what is not late ends before it is')
assert(limits.reservationMs > 2 * limits.lateBeforeMs, 'most orders are paid before they are late')
assert(limits.dueRowsMax >= 2 * limits.workerBatchMax, 'a look sees beyond the duties in hand')
assert(limits.staleStatementTimeoutMs < limits.statementTimeoutMs, 'what may be old is no hurry')
assert(limits.holdLifeMaxMs > limits.holdMinutesMax * 60_000, 'the longest hold fits into its cap')
assert(
  limits.workerLeaseMs >= limits.dutyBeginWithinMs + limits.stripeTimeoutMs,
  'a lease outlives the wait for a duty and one call to Stripe',
)
assert(
  limits.uploadsPerCallerMax < limits.uploadsMax,
  'nobody alone keeps all others from bringing a seat map',
)
assert(
  limits.bodyBytesSmallMax < limits.bodyBytesMax && limits.bodyBytesMax < limits.bodyBytesHeldMax,
  'a body of any lawful length comes in when none other is held',
)
assert(limits.clockSkewMs < limits.regionCallMs, 'a skewed clock ends no call before it begins')
assert(limits.callDeadlineMaxMs < limits.regionCallMs, 'no signature ends before its call')
assert(limits.callDeadlineMaxMs < limits.requestTimeoutMs, 'no request ends before its call')
assert(
  limits.urlCharactersMax + 2 * limits.regionCallUrlCharactersMax + 2_048 < limits.headerBytesMax,
  'the longest address and its signature fit into the headers',
)
assert(limits.issuerPauseMs < limits.issuerKeysFreshMs, 'keys that grow old are looked for again')
assert(limits.lingerMs < limits.drainMs, 'no refused body outlives a drain')
assert(limits.mailDrainMs < limits.drainMs, 'letters in hand go out within the drain')
assert(
  limits.mailConnectTimeoutMs + limits.mailSilenceMs < limits.mailAttemptTimeoutMs,
  'a provider that is silent is told from one that is slow',
)
assert(
  limits.refreshIdleMs <= limits.sessionLifeMaxMs,
  'no device is idle for longer than it may live',
)
assert(limits.attemptsMemoryMs > limits.attemptDelayMaxMs, 'failures outlive the longest wait')
assert(limits.traceQueueMax % limits.traceBatchMax === 0, 'the queue holds whole batches')
assert(limits.holdMemoryMs > limits.reservationMs, 'an ended hold is known while its order lives')
assert(
  limits.unitsPerHoldMax * limits.ordersPerGroupMax <= 10_000,
  'a group stays a small statement',
)
assert(
  limits.leaseMsDefault >= limits.heartbeatsPerLeaseMin * limits.heartbeatMsDefault,
  'the default lease outlives a failed heartbeat',
)
assert(
  limits.leaseMsMin >= limits.heartbeatsPerLeaseMin * limits.heartbeatMsMin &&
    limits.leaseMsMin <= limits.leaseMsDefault &&
    limits.leaseMsDefault <= limits.leaseMsMax,
  'the shortest lease outlives a failed heartbeat, and the default is between the bounds',
)
