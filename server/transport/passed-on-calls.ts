/**
 * The other end of forwarding: a call that another region's server passed on is done here, or
 * refused with what is known of who can. It is never passed on again, so nothing can go in circles.
 */
import type { Services } from '../application/services.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { WireAnswer, WireCall } from '../gateways/region-calls/exchange.ts'
import { type CalledHomes, calledHomes } from './called-homes.ts'

/** Answers a request on this server; with a refusal, every call in it by that. */
export type Here = (wire: WireCall, refused?: Refusal) => Promise<WireAnswer>

type Needs = Pick<Services, 'authorities' | 'regions'>

export async function answerPassedOn(
  services: Needs,
  { wire, leftMs }: { readonly wire: WireCall; readonly leftMs: number },
  here: Here,
): Promise<WireAnswer> {
  const called = calledHomes(wire, services.regions)
  // A region's word for who calls is taken for sales, and for nothing else.
  if (called === null || called.calls.some(({ home }) => home === null)) {
    return here(wire, refusal('NOT_ALLOWED', 'Regions pass on calls of sales and no others.'))
  }
  const moved = movedFrom(services, called)
  if (moved !== null) return here(wire, moved)
  return within(leftMs, {
    done: here(wire),
    late: () => here(wire, lateRefusal(called)),
  })
}

function movedFrom({ authorities }: Needs, { calls }: CalledHomes): Refusal | null {
  for (const { home } of calls) {
    const standing = authorities.standing(home ?? '')
    if (standing.kind === 'ours') continue
    const text = 'Another region sells this event. Try again.'
    if (standing.kind === 'nobody') return refusal('AUTHORITY_MOVED', text)
    const { serverRegion, epoch } = standing
    return refusal('AUTHORITY_MOVED', text, { serverRegion, epoch })
  }
  return null
}

/** Whoever asked has given up by then; what goes on here is found by its key. */
function within(
  leftMs: number,
  ends: { readonly done: Promise<WireAnswer>; readonly late: () => Promise<WireAnswer> },
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    // One for each call: the clock's own wait costs ten times as much.
    const timer = setTimeout(() => {
      ends.late().then(resolve, reject)
    }, leftMs).unref()
    ends.done.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function lateRefusal({ isMutation }: CalledHomes): Refusal {
  return isMutation
    ? refusal('OUTCOME_UNKNOWN', 'It may have been done. Ask for it by its key.')
    : refusal('UNAVAILABLE', 'That took too long. Try again in a moment.')
}
