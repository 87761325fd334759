/**
 * Who may grant holds and write sales for the events of a home region. One region at a time has
 * the authority; its epoch grows with each change, and every sale checks it in its own statement.
 * The lease only saves work: it tells when another region may take over. Pure rules, and the port.
 */

/** As the database has it. */
export type Authority = { readonly serverRegion: string; readonly epoch: number }

/** What a server knows of the authority over one home region, at this moment. */
export type Standing =
  /** This server may grant and write: its region has the lease, and it is not over by our clock. */
  | { readonly kind: 'ours'; readonly epoch: number }
  /** Another region has it, as far as is known here. */
  | { readonly kind: 'theirs'; readonly serverRegion: string; readonly epoch: number }
  /** Nobody is known to have it: a lease ran out, or nothing was heard yet. */
  | { readonly kind: 'nobody' }

export type Lease = Authority & {
  /** What is left of it by the database's clock; zero or less: it has run out. */
  readonly leftMs: number
}

/** What a region claims of `home`: to have it under `epoch`, for `lengthMs` from now. */
export type LeaseClaim = {
  readonly home: string
  readonly region: string
  readonly epoch: number
  readonly lengthMs: number
}

/**
 * The leases, as the database keeps them. Every change is a compare-and-set in one statement that
 * changes authority and lease together; each may throw when the database does not answer, and then
 * nothing is known: look again.
 */
export type LeaseBook = {
  /** Null where the home region has never had an authority. */
  find(home: string): Promise<Lease | null>
  /** Makes the home region its own authority, epoch 1, unless it has had one. Safe to repeat. */
  begin(home: string): Promise<void>
  /** False: another authority has it by now. */
  renew(claim: LeaseClaim): Promise<boolean>
  /**
   * Takes the authority whose lease of `claim.epoch` has run out by the database's clock.
   * @returns the new epoch, or null when the lease lives or somebody was faster
   */
  takeOver(claim: LeaseClaim): Promise<number | null>
  /** Gives the authority to another region. @returns the new epoch, or null as above */
  handOver(claim: LeaseClaim, to: string): Promise<number | null>
  /** Regions that take no authority for now. */
  drained(): Promise<ReadonlySet<string>>
}

export type KeeperView = {
  /** In which this server runs. */
  readonly region: string
  /** Who may have the authority, the first to be asked first: the home region and its stand-ins. */
  readonly candidates: readonly string[]
  readonly lease: Lease
  /** How long this server has seen the lease run out, by its own clock. */
  readonly lapsedForMs: number
  /** False while this server's hold book is out of reach: others go first. */
  readonly isFit: boolean
  /** It has the lease and lets it run out, for others who can grant. */
  readonly isOffering: boolean
  readonly heartbeatMs: number
  /** Patience for each candidate that goes first. */
  readonly staggerMs: number
}

export type KeeperMove =
  | { readonly kind: 'renew' }
  | { readonly kind: 'take-over' }
  | { readonly kind: 'look'; readonly inMs: number }

/**
 * What a server does about one home region. Whoever has the lease renews it. When it has run out,
 * the candidates go in their order, each a little later than the one before: nobody asks whether
 * the others live, and should two go at once the database takes one.
 */
export function keeperMove(view: KeeperView): KeeperMove {
  const { region, lease, heartbeatMs, staggerMs } = view
  if (lease.serverRegion === region) {
    return view.isOffering ? { kind: 'look', inMs: heartbeatMs } : { kind: 'renew' }
  }
  if (lease.leftMs > 0) return { kind: 'look', inMs: Math.min(heartbeatMs, lease.leftMs + 1) }
  const others = view.candidates.filter((candidate) => candidate !== lease.serverRegion)
  const rank = others.indexOf(region)
  if (rank < 0) return { kind: 'look', inMs: heartbeatMs }
  const patienceMs = (rank + (view.isFit ? 0 : others.length)) * staggerMs
  const stillMs = patienceMs - view.lapsedForMs
  return stillMs > 0
    ? { kind: 'look', inMs: Math.min(heartbeatMs, stillMs) }
    : { kind: 'take-over' }
}

export type OfferTimes = {
  /** A hold book that is away for no longer is waited for. */
  readonly afterMs: number
  /** A lease, and the patience of everybody: nobody who can take over comes later. */
  readonly forMs: number
  /** How soon the next offer comes, when nobody took the last one. */
  readonly everyMs: number
}

/**
 * Whether a region that has an authority and cannot grant, its hold book being out of reach, leaves
 * it to others for now. If none takes it, it renews again: what is held can still be paid.
 */
export function isOffering(unfitForMs: number, times: OfferTimes): boolean {
  const sinceFirstMs = unfitForMs - times.afterMs
  return sinceFirstMs >= 0 && sinceFirstMs % times.everyMs < times.forMs
}
