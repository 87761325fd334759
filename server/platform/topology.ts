/**
 * Which regions there are, where they are reached, and who stands in for whom: one file, the same
 * for all servers of an installation (docs/topology.md). Names are CockroachDB's names of the
 * regions. Credentials never stand in it: they come from the environment.
 */
import { Buffer } from 'node:buffer'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { limits } from './limits.ts'
import type { Region } from './regions.ts'
import { type TopologyDocument, topologyShape } from './topology-document.ts'
import { type TopologyFault, topologyFaults } from './topology-faults.ts'

export type TopologyRegion = Region & {
  /** Where fans reach its servers, such as https://us-east1.tickets.example. */
  readonly publicUrl: string
  /** Where servers of other regions reach its servers: one address or more, tried in order. */
  readonly internalUrls: readonly string[]
  /** Addresses without credentials; undefined where the environment names them. */
  readonly database?: string | undefined
  readonly redis?: string | undefined
  readonly typesense?: string | undefined
  readonly latitude: number
  readonly longitude: number
  /** Names of the regions that take over for it, the first healthy one first. */
  readonly standIns: readonly string[]
}

export type LeaseTimes = {
  /** How long an authority may grant after each renewal. */
  readonly lengthMs: number
  /** How often it renews. */
  readonly heartbeatMs: number
}

export type Topology = {
  readonly regions: readonly TopologyRegion[]
  readonly lease: LeaseTimes
  /**
   * Milliseconds of a round trip between two regions, in both directions alike, for the local
   * mode; empty: not simulated.
   */
  readonly roundTripsMs: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** All that is wrong with a file: one sentence each, with the path in the file. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/**
 * YAML, of which JSON is a part.
 * @throws TopologyError
 */
export function readTopology(text: string, fileName: string): Topology {
  const { value, say } = parse(text, fileName)
  const shaped = topologyShape.safeParse(value, { reportInput: true })
  const faults = shaped.success
    ? topologyFaults(shaped.data)
    : shaped.error.issues.flatMap(faultsOfIssue)
  if (!shaped.success || faults.length > 0) throw new TopologyError(faults.map(say))
  return fromDocument(shaped.data)
}

type Source = { readonly value: unknown; readonly say: (fault: TopologyFault) => string }

function parse(text: string, fileName: string): Source {
  const refused = (message: string) => new TopologyError([`${fileName} ${message}`])
  if (Buffer.byteLength(text) > limits.topologyBytesMax) {
    throw refused(`has more than ${limits.topologyBytesMax / 1_024} KiB`)
  }
  if (text.trim() === '') throw refused('is empty')
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const [broken] = [...document.errors, ...document.warnings]
  if (broken !== undefined) {
    const { line } = lineCounter.linePos(broken.pos[0])
    // Without what it quotes: that may be half an address.
    const reason = broken.message.replace(/:? ".*$/s, '')
    throw refused(`line ${line} is neither YAML nor JSON: ${reason}`)
  }
  const lineAt = (path: readonly PropertyKey[]): string => {
    const node = document.getIn(path, true)
    const [offset] = (isNode(node) ? node.range : null) ?? []
    if (offset !== undefined) return ` line ${lineCounter.linePos(offset).line}`
    return path.length === 0 ? '' : lineAt(path.slice(0, -1))
  }
  return {
    value: plainValue(document, refused),
    say: ({ path, message }) => `${fileName}${lineAt(path)}: ${pathText(path)} ${message}`,
  }
}

/** Aliases are followed as far as a person writes them, not as far as a bomb asks for. */
function plainValue(document: Document, refused: (message: string) => Error): unknown {
  try {
    return document.toJS()
  } catch {
    throw refused('has an alias without an anchor, or far too many of them')
  }
}

function faultsOfIssue(issue: z.core.$ZodIssue): TopologyFault[] {
  const { path, message } = issue
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is no field of a topology' }))
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return [{ path, message: 'is missing' }]
  }
  return [{ path, message }]
}

/** `regions[1].standIns[0]`; the file itself has no path. */
function pathText(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
  return parts.join('').replace(/^\./, '') || 'the file'
}

function fromDocument({ regions, lease, roundTripsMs }: TopologyDocument): Topology {
  return {
    regions: regions.map(({ public: publicUrl, internal: internalUrls, at, ...rest }) => ({
      ...rest,
      ...at,
      publicUrl,
      internalUrls,
    })),
    lease,
    roundTripsMs: bothWays(roundTripsMs),
  }
}

function bothWays(given: TopologyDocument['roundTripsMs']): Topology['roundTripsMs'] {
  const rows: Record<string, Record<string, number>> = {}
  const put = (from: string, to: string, ms: number) => {
    rows[from] = { ...rows[from], [to]: ms }
  }
  for (const [from, row] of Object.entries(given)) {
    for (const [to, ms] of Object.entries(row)) {
      put(from, to, ms)
      put(to, from, ms)
    }
  }
  return rows
}
