/**
 * What a person may ask of a running system of several regions with curl: how it is, to take a
 * region down and up again, to restart its server alone, and all that the links understand.
 */
import { type Command, ControlError } from '../control-http.ts'
import type { LinkControl } from '../links/link-control.ts'
import type { LocalRegion } from './local-region.ts'

const verbs = ['kill', 'pause', 'restart', 'resume', 'start'] as const
type Verb = (typeof verbs)[number]

type Does = Exclude<Verb, 'restart'> | 'restartServer'
export type Drillable = Pick<LocalRegion, 'name' | 'state' | 'pids' | Does> & {
  readonly url: string
}

/** `GET /regions`, `POST /regions/<name>/<verb>`, and `/links…` as link-commands.ts has it. */
export function regionCommands(
  regions: readonly Drillable[],
  links: LinkControl,
): (command: Command) => unknown {
  return async ({ method, parts, body }) => {
    const [thing, name, verb] = parts
    const asked = `${method} /${parts.join('/')}`
    if (thing === 'links' || thing === 'targets') return links.send(method, parts.join('/'), body)
    if (asked === 'GET /regions') return { regions: regions.map(shown) }
    const region = regions.find((one) => one.name === name)
    if (thing !== 'regions' || method !== 'POST' || parts.length !== 3 || !isVerb(verb)) {
      throw new ControlError(404, `There is no command ${asked}; regions take ${verbs.join(', ')}.`)
    }
    if (region === undefined) {
      const names = regions.map((one) => one.name).join(', ')
      throw new ControlError(404, `There is no region ${String(name)}; there are ${names}.`)
    }
    await (verb === 'restart' ? region.restartServer() : region[verb]())
    return shown(region)
  }
}

function isVerb(word: string | undefined): word is Verb {
  return verbs.some((verb) => verb === word)
}

function shown({ name, url, state, pids }: Drillable) {
  return { name, url, state, pids }
}
