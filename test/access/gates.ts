/**
 * The gate of one procedure, tried by everybody on every organisation. The input has a field that
 * no schema knows, so that whoever gets through ends at BAD_INPUT and changes nothing.
 */
import { ask } from './ask.ts'
import type { Caller, Organisations } from './callers.ts'
import { accessRefusals, expected, type Target } from './expectation.ts'
import type { Procedure } from './procedures.ts'

export type Ground = {
  readonly url: string
  readonly callers: readonly Caller[]
  readonly organisations: Organisations
}

export const missingOrganisation = 'org_01j7zzzzzzzzzzzzzzzzzzzzzz'

/** One line for each answer that is not what the declared rule says. */
export async function gateFaults(ground: Ground, procedure: Procedure): Promise<string[]> {
  const { url, callers, organisations } = ground
  const { path, type, rule } = procedure
  const targets: readonly Target[] = rule.kind === 'role' ? ['own', 'foreign', 'missing'] : ['own']
  const organisationOf = { ...organisations, missing: missingOrganisation }
  const tries = callers.flatMap((caller) => targets.map((target) => ({ caller, target })))
  const faults = tries.map(async ({ caller, target }) => {
    const named = rule.kind === 'role' ? { organisation: organisationOf[target] } : {}
    const input = { ...named, '<a field of nobody>': 1 }
    const answer = await ask({ url, path, type, show: caller.show, input })
    const wanted = expected(rule, caller.facts, target)
    const refused = accessRefusals.includes(answer.code ?? '')
    const fits =
      wanted === 'through' ? !refused && answer.code === 'BAD_INPUT' : answer.code === wanted
    if (fits) return []
    const got = answer.code ?? `status ${answer.status}`
    return [`${path} (${rule.kind}) by ${caller.name} on ${target}: ${got}, not ${wanted}`]
  })
  return (await Promise.all(faults)).flat()
}
