/**
 * Links that are cut, silent, slow or late, by rules in the networks of the containers themselves.
 * No network is taken from a container: it would come back with other addresses and without its
 * published port, and its connections would be cut where they should stand.
 */
import { isMeant, type LinkFault } from '../../../regions/local/links/link-plan.ts'
import { runBeside } from '../../compose/beside.ts'
import type { ContainerState, Containers } from '../../compose/containers.ts'
import type { Fault } from '../fault.ts'
import { NotHereError } from '../fault-maker.ts'
import { keptFault } from '../kept-fault.ts'
import { sayLinkFault } from '../link-faults.ts'
import {
  type Addresses,
  type ComposeLink,
  composeLinks,
  linesToClear,
  linesToLook,
  linesToSet,
  met,
} from './link-rules.ts'

/** Felt: packets that the rules dropped, refused, or held back. @throws NotHereError */
export function linkFaulty(
  containers: Containers,
  patterns: readonly string[],
  fault: LinkFault,
): Fault {
  const links = composeLinks.filter((link) => patterns.some((pattern) => isMeant(link, pattern)))
  const unknown = patterns.find((one) => !composeLinks.some((link) => isMeant(link, one)))
  if (unknown !== undefined) throw new NotHereError(`There is no link ${unknown} here.`)
  let felt = 0
  const look = async () => (await lookAt(containers, links)).map((seen) => metOf(links, seen))
  return keptFault({
    kind: `link.${fault.kind}`,
    where: patterns.join(', '),
    said: `${patterns.join(' and ')}: ${sayLinkFault(fault)}`,
    set: async () => {
      felt = 0
      await setRules(containers, links, fault)
    },
    clear: async () => {
      await clearLinks(containers, links)
    },
    isHealed: async () => (await look()).every(({ isSet }) => !isSet),
    felt: async () => {
      const seen = await look().catch(() => [])
      felt = Math.max(
        felt,
        seen.reduce((sum, { packets }) => sum + packets, 0),
      )
      return felt
    },
  })
}

/** What an earlier drill left behind goes too. Says, before any harm, whether rules can be set at all. */
export async function clearLinks(
  containers: Containers,
  links: readonly ComposeLink[] = composeLinks,
): Promise<void> {
  await everyEnd(containers, links, (service) => linksAt(links, service).flatMap(linesToClear))
}

/** The callers first: what the far side says when it forgets is lost already. */
async function setRules(
  containers: Containers,
  links: readonly ComposeLink[],
  fault: LinkFault,
): Promise<void> {
  const states = new Map((await running(containers, links)).map((one) => [one.service, one]))
  const linesOf = (link: ComposeLink) => {
    const [caller, called] = [states.get(link.caller), states.get(link.called)]
    if (caller === undefined || called === undefined) return { caller: [], called: [] }
    return linesToSet(link, fault, shared(caller, called))
  }
  await everyEnd(containers, links, (service) => [
    ...linksAt(links, service).flatMap(linesToClear),
    ...links.filter(({ caller }) => caller === service).flatMap((link) => linesOf(link).caller),
  ])
  await everyEnd(containers, links, (service) =>
    links.filter(({ called }) => called === service).flatMap((link) => linesOf(link).called),
  )
}

async function lookAt(
  containers: Containers,
  links: readonly ComposeLink[],
): Promise<readonly string[]> {
  return await everyEnd(containers, links, () => linesToLook)
}

function metOf(links: readonly ComposeLink[], seen: string) {
  const all = links.map((link) => met(link, seen))
  const packets = all.reduce((sum, one) => sum + one.packets, 0)
  return { isSet: all.some(({ isSet }) => isSet), packets }
}

/** @returns what was printed at each end that runs: one that does not has no rules any more */
async function everyEnd(
  containers: Containers,
  links: readonly ComposeLink[],
  linesFor: (service: string) => readonly string[],
): Promise<readonly string[]> {
  const ends = await running(containers, links)
  const scripts = ends
    .map(({ service }) => ({ service, script: linesFor(service).join('\n') }))
    .filter(({ script }) => script !== '')
  return await Promise.all(
    scripts.map(({ service, script }) => runBeside(containers, service, script)),
  )
}

async function running(
  containers: Containers,
  links: readonly ComposeLink[],
): Promise<readonly ContainerState[]> {
  const services = [...new Set(links.flatMap(({ caller, called }) => [caller, called]))]
  return (await containers.states(services)).filter(({ isRunning }) => isRunning)
}

function linksAt(links: readonly ComposeLink[], service: string): readonly ComposeLink[] {
  return links.filter(({ caller, called }) => caller === service || called === service)
}

function shared(caller: ContainerState, called: ContainerState): Addresses {
  const networks = Object.keys(caller.addresses).filter((name) => name in called.addresses)
  const of = ({ addresses }: ContainerState) => networks.map((name) => addresses[name] ?? '')
  return { caller: of(caller), called: of(called) }
}
