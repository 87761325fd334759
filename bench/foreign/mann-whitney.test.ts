import { expect, it } from 'vitest'
import { mannWhitney } from './mann-whitney.ts'

const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

it('knows what is always larger', () => {
  const { share, p } = mannWhitney(
    oneTo(50).map((each) => each + 50),
    oneTo(50),
  )
  expect(share).toBe(1)
  expect(p).toBeLessThan(1e-6)
})

it('sees nothing in what is alike', () => {
  const [even, odd] = [oneTo(200).map((each) => 2 * each), oneTo(200).map((each) => 2 * each + 1)]
  const { share, p } = mannWhitney(even, odd)
  expect(share).toBeCloseTo(0.5, 2)
  expect(p).toBeGreaterThan(0.8)
})

it('says how likely it is, as tables do', () => {
  // U is 72 and 79, so z is 1.6630 and 2.1922.
  const ten = oneTo(10)
  const shifted = (by: number) =>
    mannWhitney(
      ten.map((each) => each + by + 0.5),
      ten,
    ).p
  expect(shifted(2)).toBeCloseTo(0.0963, 4)
  expect(shifted(3)).toBeCloseTo(0.0284, 4)
})
