/** Links that are cut, silent, slow or late, as the program of the links carries them. */
import { isDeepStrictEqual } from 'node:util'
import type { LinkFault } from '../../regions/local/links/link-plan.ts'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import type { Fault } from './fault.ts'
import { linksOf, meantLinks } from './look.ts'

/** Felt: connections that were reset or taken in silence, words that were delayed, held or lost. */
export function linkFaulty(
  system: LocalSystem,
  patterns: readonly string[],
  fault: LinkFault,
): Fault {
  const links = linksOf(system)
  const meant = () => meantLinks(system, patterns)
  return {
    kind: `link.${fault.kind}`,
    where: patterns.join(', '),
    said: `${patterns.join(' and ')}: ${sayLinkFault(fault)}`,
    inject: async () => {
      const isSet = (await meant()).every((link) => isDeepStrictEqual(link.fault, fault))
      if (!isSet) for (const pattern of patterns) await links.setFault(pattern, fault)
    },
    heal: async () => {
      for (const pattern of patterns) await links.heal(pattern)
    },
    isHealed: async () => (await meant()).every((link) => link.fault === null),
    felt: async () => (await meant()).reduce((sum, { struck }) => sum + struck, 0),
  }
}

/** As a person reads it. */
export function sayLinkFault(fault: LinkFault): string {
  switch (fault.kind) {
    case 'cut':
      return 'connections are reset'
    case 'black-hole':
      return 'connections stand and nothing passes'
    case 'one-way':
      return fault.lost === 'there' ? 'no question passes' : 'no answer passes'
    case 'slow':
      return `${fault.bytesPerSecond} bytes a second`
    case 'late':
      return `all comes ${fault.byMs} ms later`
    case 'half-open':
      return 'the far side is gone without a word'
  }
}
