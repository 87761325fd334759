/** Every bound of the mail sink, with its unit. */
export const limits = {
  /** Mails kept; the oldest go first. */
  mailsMax: 500,
  /** One mail as it comes in; larger ones are refused, as SMTP's SIZE says. */
  mailBytesMax: 256 * 1024,
  /** The file is rewritten when it holds so many times what is kept. */
  fileOverheadMax: 4,
  clientsMax: 100,
  socketTimeoutMs: 60_000,
  /** A client that is connected when the sink ends is cut off after this. */
  closeTimeoutMs: 100,
  requestBodyBytes: 16 * 1024,
  keepAliveMs: 5_000,
  /** Mails on the page and in one answer. */
  listedMax: 100,
  faultRules: 100,
  faultDelayMs: 300_000,
  /** How often a waiting reader looks, and how long unless told. */
  pollMs: 10,
  waitMs: 15_000,
} as const
