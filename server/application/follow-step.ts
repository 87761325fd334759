/** What one step of following has at hand. */
import type { FollowLease } from '../domain/hold-replication.ts'
import type { Services } from './services.ts'

export type FollowNeeds = Pick<
  Services,
  'authorities' | 'replication' | 'following' | 'clock' | 'regions' | 'metrics'
>

export type FollowStep = {
  readonly services: FollowNeeds
  readonly copies: NonNullable<Services['replication']>['copies']
  readonly following: NonNullable<Services['following']>
  readonly lease: FollowLease
  /** Region that has the authority. */
  readonly authority: string
  readonly signal: AbortSignal
}
