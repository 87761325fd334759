/**
 * Who may grant holds and write sales for the events of a home region. One region at a time has
 * the authority; its epoch grows with each change, and every sale checks it in its own statement,
 * so that what stands here saves work and decides nothing.
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
