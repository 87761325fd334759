/** The admin router: what organisations and those who run the platform do. */
import { router } from '../../trpc.ts'
import { events } from './events.ts'
import { organisations } from './organisations.ts'
import { seatMaps } from './seat-maps.ts'
import { venues } from './venues.ts'

export const admin = router({ organisations, venues, seatMaps, events })
