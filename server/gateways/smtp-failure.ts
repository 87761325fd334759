/**
 * Why a letter was not taken, in words without a person in them. The server's own reply decides
 * (RFC 5321, 4.2.1: 4yz may pass later, 5yz will not); without a reply, a broken way may be mended.
 */

export type SmtpFailure = {
  readonly isTransient: boolean
  /** Of nodemailer: ECONNECTION, EENVELOPE, … */
  readonly code: string | null
  /** Of the server: 421, 550, … */
  readonly reply: number | null
}

const brokenWays = new Set(['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'EABORT'])
/** "Bad sequence of commands": the session was in the wrong state, not the letter. */
const badSequence = 503

export function smtpFailure(cause: unknown): SmtpFailure {
  const { code, responseCode } = (cause ?? {}) as { code?: unknown; responseCode?: unknown }
  const name = typeof code === 'string' && /^E[A-Z0-9]{2,20}$/.test(code) ? code : null
  const reply = typeof responseCode === 'number' ? responseCode : null
  const isTransient =
    reply === null
      ? name !== null && brokenWays.has(name)
      : (reply >= 400 && reply < 500) || reply === badSequence
  return { isTransient, code: name, reply }
}
