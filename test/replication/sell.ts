/** One sale as a fan makes it: the book, SQL, and the book again. */
import type { HoldBook, HoldScope } from '../../server/domain/hold-book.ts'
import type { Backing } from '../hold-book/backing.ts'
import { hold, unitsWish } from '../hold-book/wishes.ts'

export type Seller = { readonly book: HoldBook; readonly backing: Backing }

/** @param under whose epoch only the book knows: in SQL the authority never moves here */
export async function sell(
  { book, backing }: Seller,
  under: HoldScope,
  unit: number,
): Promise<void> {
  const held = await hold(book, under, unitsWish(under, [unit], { key: `key ${unit}` }))
  const { id, buyer, units } = held
  const inSql = { ...under, epoch: 1 }
  await book.reserve(under, held, 60_000)
  await backing.start(inSql, { id, buyer, units })
  await backing.pay(inSql, { id, buyer, units })
  await book.convert(under, { id, buyer, units })
}
