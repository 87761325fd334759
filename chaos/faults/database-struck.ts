/** Statements that are struck on their way to the database, or whose answers are. */
import type { StandingRule } from './database-proxy/strike-book.ts'
import type { Fault } from './fault.ts'
import { NotHereError, type Strike, type StrikeRule } from './fault-maker.ts'
import { keptFault } from './kept-fault.ts'
import type { StruckLink } from './struck-link.ts'

/** @param ways of the regions that are meant; none: there is nothing to strike */
export function databaseStruck(
  rule: StrikeRule,
  ways: Readonly<Record<string, StruckLink>>,
): Fault {
  const links = Object.entries(ways)
  if (links.length === 0) throw new NotHereError('No region has a link to the database.')
  const standing = new Map<StruckLink, StandingRule>()
  let clearedAtMs = Number.NEGATIVE_INFINITY
  const [only] = links.length === 1 ? links : []
  return keptFault({
    kind: 'database.struck',
    where: `${only?.[0] ?? '*'}/database`,
    said: sayRule(rule),
    set: async () => {
      standing.clear()
      for (const [, link] of links) standing.set(link, await link.add(rule))
    },
    // What it has felt is still asked for afterwards.
    clear: async () => {
      for (const [link, one] of standing) await link.remove(one)
      clearedAtMs = performance.now()
    },
    isHealed: async () => {
      // The last that was struck is under way for as long as it waits.
      if (rule.strike.kind === 'wait' && performance.now() - clearedAtMs < rule.strike.ms)
        return false
      const without = await Promise.all(links.map(([, link]) => link.isWithout(standing.get(link))))
      return without.every(Boolean)
    },
    felt: async () => [...standing.values()].reduce((sum, one) => sum + one.felt(), 0),
  })
}

/** As a person reads it. */
export function sayRule({ strike, statements, share, inARow = 1 }: StrikeRule): string {
  const percent = `${Math.round(share * 1000) / 10} %`
  const which = statements === undefined ? 'all statements' : `statements like ${statements}`
  const row = inARow === 1 ? '' : `, ${inARow} times in a row`
  return `${percent} of ${which} ${sayStrike(strike)}${row}`
}

function sayStrike(strike: Strike): string {
  switch (strike.kind) {
    case 'cut-before':
      return 'are cut before the database hears of them'
    case 'cut-after':
      return 'are done and their reply is lost'
    case 'cut-in-reply':
      return 'are done and their reply breaks off anywhere'
    case 'error':
      return `are answered with ${strike.code} ${strike.done ? 'though done' : 'and not done'}`
    case 'wait':
      return `are answered ${strike.ms / 1000} s late`
  }
}
