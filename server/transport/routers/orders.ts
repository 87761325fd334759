/** The caller's orders; `getByKey` answers "what became of it?" after a lost answer. */
import { z } from 'zod'
import { orderByKey, ownOrders, shownOrder } from '../../application/orders.ts'
import { seatMapOf } from '../../application/sale-view.ts'
import type { Order } from '../../domain/order.ts'
import type { Context } from '../context.ts'
import { presentOrder } from '../present.ts'
import * as shapes from '../shapes.ts'
import { procedure, router } from '../trpc.ts'

export const orders = router({
  get: procedure
    .owner('order')
    .input(z.strictObject({ order: shapes.orderId }))
    .output(shapes.order)
    .query(async ({ ctx, input }) => {
      const { order } = await shownOrder(ctx.services, ctx, input.order)
      ctx.session.shows(order)
      return labelled(ctx, order)
    }),

  getByKey: procedure
    .owner('order')
    .input(z.strictObject({ event: shapes.eventId, key: shapes.key }))
    .output(shapes.order)
    .query(async ({ ctx, input }) => {
      const { order } = await orderByKey(ctx.services, ctx.caller, input)
      ctx.session.shows(order)
      return labelled(ctx, order)
    }),

  list: procedure.signedIn
    .input(z.strictObject(shapes.page))
    .output(z.object({ items: z.array(shapes.order), nextCursor: z.string().nullable() }))
    .query(async ({ ctx, input }) => {
      const page = { cursor: input.cursor ?? null, limit: input.limit }
      const { items, nextCursor } = await ownOrders(ctx.services, ctx, page)
      ctx.session.lists(items)
      return { items: await Promise.all(items.map((order) => labelled(ctx, order))), nextCursor }
    }),
})

async function labelled({ services }: Pick<Context, 'services'>, order: Order) {
  return presentOrder(order, await seatMapOf(services, order.event))
}
