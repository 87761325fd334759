/**
 * What nodemailer is told of a mail server: one pool of bounded connections whose every wait ends.
 * The library's own retries are off: one layer retries, and it is ours.
 */
import type { SMTPPoolOptions } from 'nodemailer'
import { limits } from '../platform/limits.ts'

/** @param url `smtp:` or `smtps:`; the account is percent-encoded */
export function smtpOptions(url: string): SMTPPoolOptions & { pool: true } {
  const { protocol, hostname, port, username, password } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isAlwaysTls = protocol === 'smtps:'
  const account = { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  return {
    pool: true,
    host,
    port: Number(port) || (isAlwaysTls ? 465 : 587),
    secure: isAlwaysTls,
    // A password never crosses a network in the clear, whoever strips the offer of STARTTLS.
    requireTLS: !isAlwaysTls && username !== '' && !isLoopback(host),
    ...(username === '' ? {} : { auth: account }),
    maxConnections: limits.mailParallelMax,
    maxRequeues: 0,
    connectionTimeout: limits.mailConnectTimeoutMs,
    dnsTimeout: limits.mailConnectTimeoutMs,
    greetingTimeout: limits.mailConnectTimeoutMs,
    socketTimeout: limits.mailSilenceMs,
    logger: false,
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}
