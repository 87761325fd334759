/**
 * The gate of one procedure, tried by everybody on every organisation. The input has a field that
 * no schema knows, so that whoever gets through ends at BAD_INPUT and changes nothing.
 */
import { type Answer, ask } from './ask.ts'
import type { Caller, Organisations } from './callers.ts'
import { accessRefusals, type CallerFacts, expected, type Target } from './expectation.ts'
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
  const faults = callers.map(async (caller) => {
    const answers = targets.map(async (target) => {
      const named = rule.kind === 'role' ? { organisation: organisationOf[target] } : {}
      const input = { ...named, '<a field of nobody>': 1 }
      return { target, answer: await ask({ url, path, type, show: caller.show, input }) }
    })
    const got = await Promise.all(answers)
    const wrong = got.flatMap(({ target, answer }) => {
      const wanted = expected(rule, caller.facts, target)
      return fits(answer, wanted) ? [] : [`on ${target}: ${codeOf(answer)}, not ${wanted}`]
    })
    return [...wrong, ...unlike(got, caller.facts)].map(
      (fault) => `${path} (${rule.kind}) by ${caller.name} ${fault}`,
    )
  })
  return (await Promise.all(faults)).flat()
}

type Got = { readonly target: Target; readonly answer: Answer }

/** Whether there is such an organisation is not to be told from the answer. */
function unlike(got: readonly Got[], facts: CallerFacts): string[] {
  const others = 'on' in facts && facts.on === 'foreign' ? 'own' : 'foreign'
  const of = (wanted: Target) => got.find(({ target }) => target === wanted)?.answer
  const [there, missing] = [of(others), of('missing')]
  if (there === undefined || missing === undefined) return []
  const isAlike = there.seen === missing.seen && there.status === missing.status
  return isAlike ? [] : [`on ${others}: ${there.seen}, on missing: ${missing.seen}`]
}

function fits(answer: Answer, wanted: ReturnType<typeof expected>): boolean {
  if (wanted !== 'through') return answer.code === wanted
  return !accessRefusals.includes(answer.code ?? '') && answer.code === 'BAD_INPUT'
}

function codeOf({ code, status }: Answer): string {
  return code ?? `status ${status}`
}
