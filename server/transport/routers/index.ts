/** The whole API: routers by noun, procedures by verb. Clients take its type and nothing else. */
import { router } from '../trpc.ts'
import { accounts } from './accounts.ts'
import { admin } from './admin/index.ts'
import { checkout } from './checkout.ts'
import { events } from './events.ts'
import { holds } from './holds.ts'
import { internal } from './internal.ts'
import { invitations } from './invitations.ts'
import { orders } from './orders.ts'
import { organisations } from './organisations.ts'
import { tickets } from './tickets.ts'

export const appRouter = router({
  accounts,
  events,
  holds,
  checkout,
  orders,
  tickets,
  organisations,
  invitations,
  admin,
  internal,
})

export type AppRouter = typeof appRouter
