/**
 * Walks through generated cases: several in flight, compared block by block with what was kept
 * before. Whatever is found is shrunk and told with the seed and path that lead to it again.
 */
import fc from 'fast-check'
import type { Keeper } from './unchanged.ts'
import { changesBetween } from './unchanged.ts'

/** A kind of fault, and the answer that has it. */
export type Fault = { readonly what: string; readonly answer: string }

export type WalkOptions<Case> = {
  readonly cases: fc.Arbitrary<Case>
  readonly seed: number
  readonly count: number
  /** What is wrong with the answer. */
  readonly judge: (one: Case) => Promise<readonly Fault[]>
  /** Cases that may be good wishes: they come after all others, when rows may change. */
  readonly mayChange: (one: Case) => boolean
  readonly keeper: Keeper
  readonly betweenBlocks: () => Promise<void>
  /** What the server had to say: garbage is no reason for a warning. */
  readonly logged: () => readonly string[]
}

export type Walked = { readonly refused: number; readonly changing: number }

const blockSize = 500
const inFlight = 12
const kindsToldMax = 12
const shrinkWithinMs = 10_000

/** @throws Error that tells each kind of fault with its smallest case */
export async function walk<Case>(options: WalkOptions<Case>): Promise<Walked> {
  const { cases, seed, count, mayChange, keeper } = options
  const all = fc.sample(cases, { seed, numRuns: count }).map((one, index) => ({ one, index }))
  const [still, changing] = [[] as Numbered<Case>[], [] as Numbered<Case>[]]
  for (const each of all) (mayChange(each.one) ? changing : still).push(each)
  const failed: Failed[] = []
  const changes: string[] = []
  let before = await keeper.digests()
  for (const block of blocksOf(still)) {
    failed.push(...(await judgeAll(options, block)))
    const after = await keeper.digests()
    const moved = changesBetween(before, after)
    if (moved.length > 0) changes.push(await culprit(options, { block, moved }))
    await options.betweenBlocks()
    before = await keeper.digests()
  }
  for (const block of blocksOf(changing)) {
    failed.push(...(await judgeAll(options, block)))
    await options.betweenBlocks()
  }
  const lines = options
    .logged()
    .slice(0, kindsToldMax)
    .map((line) => `logged ${short(line)}`)
  const told = [...changes, ...lines, ...(await tell(options, failed))]
  if (told.length > 0) throw new Error(`FRONTROW_GARBAGE_SEED=${seed}\n${told.join('\n')}`)
  return { refused: still.length, changing: changing.length }
}

type Numbered<Case> = { readonly one: Case; readonly index: number }
type Failed = { readonly index: number; readonly fault: Fault }

function blocksOf<Item>(items: readonly Item[]): Item[][] {
  const blocks = Math.ceil(items.length / blockSize)
  return Array.from({ length: blocks }, (_, at) =>
    items.slice(at * blockSize, (at + 1) * blockSize),
  )
}

async function judgeAll<Case>(
  options: WalkOptions<Case>,
  block: readonly Numbered<Case>[],
): Promise<Failed[]> {
  const queue = [...block]
  const failed: Failed[] = []
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { one, index } = next
      failed.push(...(await options.judge(one)).map((fault) => ({ index, fault })))
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  return failed
}

/** One of each kind, made small. */
async function tell<Case>(
  options: WalkOptions<Case>,
  failed: readonly Failed[],
): Promise<string[]> {
  const kinds = new Map<string, Failed[]>()
  for (const one of failed) {
    const { what } = one.fault
    kinds.set(what, [...(kinds.get(what) ?? []), one])
  }
  const told: string[] = []
  for (const [what, ofKind] of [...kinds].slice(0, kindsToldMax)) {
    const [first] = ofKind
    if (first === undefined) continue
    told.push(`${ofKind.length} x ${what}: ${await smallest(options, first)}`)
  }
  return told
}

/** Runs the failing case again, alone, and makes it smaller as long as it fails in the same way. */
async function smallest<Case>(
  { cases, judge, seed }: WalkOptions<Case>,
  { index, fault }: Failed,
): Promise<string> {
  let answer = fault.answer
  const fails = fc.asyncProperty(cases, async (one) => {
    const same = (await judge(one)).find(({ what }) => what === fault.what)
    if (same === undefined) return
    answer = same.answer
    throw new Error(same.what)
  })
  const bound = { interruptAfterTimeLimit: shrinkWithinMs, markInterruptAsFailure: false }
  const found = await fc.check(fails, { seed, path: String(index), numRuns: 1, ...bound })
  if (!found.failed) {
    const [one] = fc.sample(cases, { seed, path: String(index), numRuns: 1 })
    return `case ${index}, once, and not alone: ${short(JSON.stringify(one))}\n    ${short(answer)}`
  }
  const text = short(JSON.stringify(found.counterexample?.[0]))
  return `path ${found.counterexamplePath}:\n    ${text}\n    ${short(answer)}`
}

/** Sends the block again, one by one, until something changes. */
async function culprit<Case>(
  options: WalkOptions<Case>,
  found: { readonly block: readonly Numbered<Case>[]; readonly moved: readonly string[] },
): Promise<string> {
  const told = found.moved.join('\n')
  let before = await options.keeper.digests()
  for (const { one, index } of found.block) {
    await options.judge(one)
    const after = await options.keeper.digests()
    const moved = changesBetween(before, after)
    if (moved.length > 0) return `${told}\n  case ${index} again: ${short(JSON.stringify(one))}`
    before = after
  }
  const [first, last] = [found.block[0]?.index, found.block.at(-1)?.index]
  return `${told}\n  by one of the cases ${first} to ${last}, and not again`
}

function short(text: string | undefined): string {
  return text === undefined || text.length < 1_500 ? (text ?? '') : `${text.slice(0, 1_500)}…`
}
