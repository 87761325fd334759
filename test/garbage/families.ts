/** All kinds of garbage as one: what is sent for a case, and what is wrong with the answer. */
import fc from 'fast-check'
import type { DeclaredRoute } from '../../server/transport/declared-routes.ts'
import { type CallCase, callCases, prepareCall } from './call-cases.ts'
import type { Ground } from './ground.ts'
import { codeIn, faultsOfAny, faultsOfCalls, faultsOfRefusal } from './judge.ts'
import { againHow, type ProofCase, prepareProof, proofCases, spentHow } from './proof-cases.ts'
import { prepareRoute, type RouteCase, routeCases } from './route-cases.ts'
import type { Answer, Sender } from './send.ts'
import type { Fault } from './walk.ts'
import { prepareWebhook, type WebhookCase, webhookCases } from './webhook-cases.ts'
import { prepareWire, type WireCase, wireCases } from './wire-cases.ts'

export type Case = CallCase | WireCase | ProofCase | WebhookCase | RouteCase

export function allCases(ground: Ground, routes: readonly DeclaredRoute[]): fc.Arbitrary<Case> {
  return fc.oneof(
    { weight: 14, arbitrary: callCases(ground) },
    { weight: 2, arbitrary: wireCases },
    { weight: 2, arbitrary: proofCases() },
    { weight: 1, arbitrary: webhookCases },
    { weight: 1, arbitrary: routeCases(routes) },
  )
}

export type Judge = {
  readonly judge: (one: Case) => Promise<Fault[]>
  readonly mayChange: (one: Case) => boolean
  /** How often each answer was given. */
  readonly tally: ReadonlyMap<string, number>
}

export function judgeOf(ground: Ground, sender: Sender): Judge {
  const tally = new Map<string, number>()
  const count = (kind: string, answer: Answer) => {
    const name = `${kind} ${'closed' in answer ? 'closed' : (codeIn(answer) ?? answer.status)}`
    tally.set(name, (tally.get(name) ?? 0) + 1)
  }
  return {
    tally,
    mayChange: (one) => one.kind === 'call' && prepareCall(one, ground).mayChange,
    judge: async (one) => {
      const judged = await answersTo(one, { ground, sender })
      for (const { answer } of judged) count(one.kind, answer)
      return judged.flatMap(({ answer, faults }) => {
        const text = 'closed' in answer ? answer.closed : `${answer.status} ${answer.text}`
        return faults.map((what) => ({ what: `${one.kind} ${what}`, answer: text }))
      })
    },
  }
}

type Judged = { readonly answer: Answer; readonly faults: readonly string[] }
type Parts = { readonly ground: Ground; readonly sender: Sender }

async function answersTo(one: Case, { ground, sender }: Parts): Promise<Judged[]> {
  switch (one.kind) {
    case 'call': {
      const prepared = prepareCall(one, ground)
      const headers = { ...prepared.request.headers, ...ground.headersOf(one.caller) }
      const answer = await sender.send({ ...prepared.request, headers })
      return [{ answer, faults: faultsOfCalls(answer, prepared) }]
    }
    case 'wire': {
      const { answersMax, ...exchange } = prepareWire(one, ground)
      const answers = await sender.exchange(exchange)
      return answers.map((answer, at) => {
        const faults = faultsOfRefusal(answer)
        return { answer, faults: at < answersMax ? faults : [...faults, 'answered twice'] }
      })
    }
    case 'proof': {
      const request = prepareProof(one, ground)
      if (one.how === againHow) await sender.send(request)
      const answer = await sender.send(request)
      const code = codeIn(answer)
      const faults = faultsOfRefusal(answer)
      const isRight = isNobody(one, code)
      return [{ answer, faults: isRight ? faults : [...faults, `was ${code}`] }]
    }
    case 'webhook': {
      const { request, mustFail } = prepareWebhook(one, ground)
      const answer = await sender.send(request)
      const done = mustFail && 'status' in answer && answer.status < 400
      return [{ answer, faults: [...faultsOfRefusal(answer), ...(done ? ['was taken'] : [])] }]
    }
    case 'route': {
      const request = prepareRoute(one, ground)
      const headers = { ...request.headers, ...ground.headersOf(one.caller) }
      const answer = await sender.send({ ...request, headers })
      return [
        {
          answer,
          faults: request.method === 'HEAD' ? faultsOfAny(answer) : faultsOfRefusal(answer),
        },
      ]
    }
  }
}

/** Whose proof is about a body is not let through to send a large one. */
function isNobody({ path, how }: ProofCase, code: string | undefined): boolean {
  if (how === spentHow) return code === 'SESSION_ENDED'
  if (code === 'NOT_SIGNED_IN') return true
  return code === 'NOT_ALLOWED' && path === 'admin.seatMaps.import'
}
