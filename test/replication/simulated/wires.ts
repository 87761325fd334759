/** Questions between regions: slow, lost, cut short, or answered with what was said before. */
import {
  bookFor,
  booksFor,
  changesFor,
  copyFor,
} from '../../../server/application/serve-followers.ts'
import type { Services } from '../../../server/application/services.ts'
import { type RegionCall, RegionCallError } from '../../../server/domain/region-caller.ts'
import type { Server, World } from './world.ts'

export class Wires {
  readonly #world: World
  /** The last list of changes that each region was told. */
  readonly #before = new Map<string, unknown>()

  constructor(world: World) {
    this.#world = world
  }

  /** A question to another region, answered by one of its servers. */
  call(from: Server, asked: RegionCall): Promise<unknown> {
    return new Promise((tell, reject) => {
      const { time } = this.#world
      const cutOff = () => reject(new RegionCallError('cut off'))
      const end = () => asked.signal?.removeEventListener('abort', cutOff)
      asked.signal?.addEventListener('abort', cutOff)
      const resolve = (answer: unknown) => (end(), tell(answer))
      const refuse = (why: string) => (end(), reject(new RegionCallError(why)))
      const fail = (why: string) => this.#world.whenAwake(from, () => refuse(why))
      time.soon(asked.timeoutMs / from.rate, () => fail('too late'))
      if (this.#world.strikes('loss')) return
      time.soon(this.#world.delayMs(), () => {
        const servers = this.#world.regions.find(({ name }) => name === asked.region)?.servers ?? []
        const target = servers[time.below(servers.length)]
        if (target === undefined) return fail('nobody is there')
        this.#world.whenAwake(target, () => {
          answerOf(target, from.region.name, asked).then(
            (answer) => this.#comesBack(from, { asked, answer, resolve, fail }),
            () => time.soon(this.#world.delayMs(), () => fail('refused')),
          )
        })
      })
    })
  }

  #comesBack(from: Server, back: Back): void {
    const { asked, answer, resolve, fail } = back
    if (this.#world.strikes('loss')) return
    if (this.#world.strikes('cut')) {
      // Cut in its bytes it cannot be read; cut in its list, one change is not there.
      const shorter = withoutOne(answer, this.#world.time.random())
      if (shorter === null)
        return this.#world.time.soon(this.#world.delayMs(), () => fail('cut off'))
      return this.#world.time.soon(this.#world.delayMs(), () =>
        this.#world.whenAwake(from, () => resolve(shorter)),
      )
    }
    const key = `${from.region.name} ${asked.procedure}`
    const before = this.#before.get(key)
    const isList = hasChanges(answer)
    if (isList) this.#before.set(key, answer)
    // That of another question: one that fits would be believed, and no connection gives it.
    const isOther = isList && before !== undefined && firstOf(before) !== firstOf(answer)
    const isOld = isOther && this.#world.strikes('again')
    this.#world.time.soon(this.#world.delayMs(), () =>
      this.#world.whenAwake(from, () => resolve(isOld ? before : answer)),
    )
  }
}

type Back = {
  readonly asked: RegionCall
  readonly answer: unknown
  readonly resolve: (answer: unknown) => void
  readonly fail: (why: string) => void
}

/** No store here starts again from old data, so that no book is ever outlived. */
const unasked = {} as Pick<Services, 'events' | 'holdBook'>

/** As a server of that region would answer, through JSON. */
async function answerOf(target: Server, from: string, asked: RegionCall): Promise<unknown> {
  const input = JSON.parse(JSON.stringify(asked.input)) as never
  const { needs } = target
  const { cursor } = input as { cursor: string | null }
  const procedures: Record<string, () => Promise<unknown>> = {
    'internal.changes': () => changesFor(needs, from, input),
    'internal.books': () => booksFor(needs, input, cursor),
    'internal.book': () => bookFor({ ...needs, ...unasked }, input),
    'internal.copy': () => copyFor(needs, input),
  }
  return JSON.parse(JSON.stringify(await procedures[asked.procedure]?.()))
}

function hasChanges(answer: unknown): boolean {
  const { changes } = (answer ?? {}) as { changes?: unknown[] }
  return Array.isArray(changes) && changes.length > 0
}

function firstOf(answer: unknown): number | undefined {
  return (answer as { changes: { n: number }[] }).changes[0]?.n
}

/** A list of changes without one that is not its last; null where there is no such. */
function withoutOne(answer: unknown, draw: number): unknown {
  const { changes } = (answer ?? {}) as { changes?: unknown[] }
  if (!Array.isArray(changes) || changes.length < 2) return null
  const at = Math.floor(draw * (changes.length - 1))
  return { ...(answer as object), changes: changes.filter((_, index) => index !== at) }
}
