/**
 * What waits at a process that sleeps: the kernel goes on taking connections and words for it. On
 * Linux it says how many; elsewhere the connections that stood when it fell asleep are taken.
 */
import { existsSync, readFileSync } from 'node:fs'

const tables = ['/proc/net/tcp', '/proc/net/tcp6'] as const

export type Asleep = {
  /** @param standing connections that were open */
  readonly begin: (standing: number) => void
  /** While it sleeps. @returns the most that waited so far */
  readonly look: () => number
  readonly most: () => number
}

/** @param ports on which it listens */
export function asleepAt(ports: () => readonly number[]): Asleep {
  let most = 0
  const canSee = existsSync(tables[0])
  return {
    begin: (standing) => {
      most = canSee ? 0 : standing
    },
    look: () => {
      if (canSee) most = Math.max(most, waitingIn(tables.map(contentOf).join('\n'), ports()))
      return most
    },
    most: () => most,
  }
}

/**
 * Connections with words that nobody has read, and those that nobody has accepted.
 * @param table as /proc/net/tcp has it: https://docs.kernel.org/networking/proc_net_tcp.html
 */
export function waitingIn(table: string, ports: readonly number[]): number {
  const listening = '0A'
  const lines = [...table.matchAll(/^\s*\d+: \w+:(\w{4}) \S+ (\w\w) \w+:(\w+)/gm)]
  return lines.reduce((sum, [, port = '', state, unread = '']) => {
    const amount = Number.parseInt(unread, 16)
    if (amount === 0 || !ports.includes(Number.parseInt(port, 16))) return sum
    return sum + (state === listening ? amount : 1)
  }, 0)
}

function contentOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
