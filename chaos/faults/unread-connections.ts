/**
 * How many connections to a port of this machine hold words that its program has not read: while it
 * sleeps, those are the callers that wait. Linux alone tells.
 */
import { readFileSync } from 'node:fs'

const tables = ['/proc/net/tcp', '/proc/net/tcp6']
/** ESTABLISHED, and CLOSE_WAIT: who gave up has left words behind that will be read. */
const states = new Set(['01', '08'])

export const canTellUnread = process.platform === 'linux'

export function unreadConnections(port: number): number {
  return tables.map((table) => unreadIn(readFileSync(table, 'utf8'), port)).reduce((a, b) => a + b)
}

/** Columns: number, local and remote address, state, queues as `sending:received`, in hexadecimal. */
export function unreadIn(table: string, port: number): number {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').filter((line) => {
    const [, local = '', , state = '', queues = ''] = line.trim().split(/\s+/)
    const received = Number.parseInt(queues.split(':')[1] ?? '0', 16)
    return local.endsWith(end) && states.has(state) && received > 0
  }).length
}
