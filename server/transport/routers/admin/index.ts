/** The admin router: what organisations and those who run the platform do. */
import { router } from '../../trpc.ts'
import { audit } from './audit.ts'
import { events } from './events.ts'
import { invitations } from './invitations.ts'
import { keys } from './keys.ts'
import { members } from './members.ts'
import { organisations } from './organisations.ts'
import { regions } from './regions.ts'
import { seatMaps } from './seat-maps.ts'
import { venues } from './venues.ts'

export const admin = router({
  organisations,
  members,
  invitations,
  keys,
  audit,
  venues,
  seatMaps,
  events,
  regions,
})
