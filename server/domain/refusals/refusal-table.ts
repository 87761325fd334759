/**
 * The one table of refusals. From it come the closed list of codes (server and client), what is
 * on the wire (transport/errors.ts) and docs/errors.md (`npm run docs:errors`). Nothing about a
 * code is said a second time elsewhere, but its words for fans in each language (client/words/).
 */
import { accountRefusals } from './account-refusals.ts'
import { callRefusals } from './call-refusals.ts'
import { catalogueRefusals } from './catalogue-refusals.ts'
import { outageRefusals } from './outage-refusals.ts'
import { paymentRefusals } from './payment-refusals.ts'
import type { RefusalGroup } from './refusal-facts.ts'
import { saleRefusals } from './sale-refusals.ts'

export const refusalTable = {
  ...callRefusals,
  ...saleRefusals,
  ...paymentRefusals,
  ...outageRefusals,
  ...accountRefusals,
  ...catalogueRefusals,
} as const

/** The same by subject, in the order in which people read it. */
export const refusalGroups: readonly { readonly title: string; readonly group: RefusalGroup }[] = [
  { title: 'Any call', group: callRefusals },
  { title: 'Holds and orders', group: saleRefusals },
  { title: 'Payment', group: paymentRefusals },
  { title: 'What passes by itself', group: outageRefusals },
  { title: 'Accounts and organisations', group: accountRefusals },
  { title: 'Venues, seat maps and events', group: catalogueRefusals },
]
