/** The caller's tickets and the codes that open the door. */
import { z } from 'zod'
import { seatMapOf } from '../../application/sale-view.ts'
import { ownTicket, ownTickets, ticketCode, ticketsOfOrder } from '../../application/tickets.ts'
import type { Ticket } from '../../stores/sale/tickets.ts'
import type { Context } from '../context.ts'
import { presentTicket } from '../present.ts'
import { qrImage } from '../qr-image.ts'
import * as shapes from '../shapes.ts'
import { procedure, router } from '../trpc.ts'

const ofTicket = z.strictObject({ ticket: shapes.ticketId })

export const tickets = router({
  list: procedure.signedIn
    .input(z.strictObject({ ...shapes.page, order: shapes.orderId.optional() }))
    .output(z.object({ items: z.array(shapes.ticket), nextCursor: z.string().nullable() }))
    .query(async ({ ctx, input }) => {
      const page = { cursor: input.cursor ?? null, limit: input.limit }
      const found =
        input.order === undefined
          ? await ownTickets(ctx.services, ctx, page)
          : await ticketsOfOrder(ctx.services, ctx, input.order)
      ctx.session.lists(found.orders)
      const items = await Promise.all(found.items.map((ticket) => labelled(ctx, ticket)))
      return { items, nextCursor: found.nextCursor }
    }),

  get: procedure
    .owner('ticket')
    .input(ofTicket)
    .output(shapes.ticket)
    .query(async ({ ctx, input }) =>
      labelled(ctx, await ownTicket(ctx.services, ctx, input.ticket)),
    ),

  /** The signed code, and on demand its QR as an image (SVG text, or PNG in base64). */
  code: procedure
    .owner('ticket')
    .input(z.strictObject({ ticket: shapes.ticketId, image: z.enum(['svg', 'png']).optional() }))
    .output(
      z.object({
        ticket: shapes.ticket,
        code: z.string(),
        image: z.object({ type: z.string(), data: z.string() }).nullable(),
      }),
    )
    .query(async ({ ctx, input }) => {
      const { ticket, code } = await ticketCode(ctx.services, ctx.caller, input.ticket)
      const image = input.image === undefined ? null : await qrImage(code, input.image)
      return { ticket: await labelled(ctx, ticket), code, image }
    }),
})

async function labelled({ services }: Pick<Context, 'services'>, ticket: Ticket) {
  return presentTicket(ticket, await seatMapOf(services, ticket.event))
}
