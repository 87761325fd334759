/** What the answers of several regions are together. */
import { describe, expect, it } from 'vitest'
import { joined } from './batch-parts.ts'

const answered = (index: number, headers: Record<string, string>) => ({
  part: [index],
  answer: { status: 200, headers, body: JSON.stringify([{ result: { data: index } }]) },
})

describe('the headers of a batch that was cut', () => {
  it('say all that was seen, the longest wait, and that a part is older', () => {
    const { headers, body } = joined([
      answered(1, {
        'content-type': 'application/json',
        'x-frontrow-seen': 'a',
        'retry-after': '2',
      }),
      answered(0, { 'x-frontrow-seen': 'b', 'retry-after': '7', 'x-frontrow-older': 'true' }),
      answered(2, { 'retry-after': '3' }),
    ])
    expect(headers).toEqual({
      'content-type': 'application/json',
      'x-frontrow-seen': 'a,b',
      'x-frontrow-older': 'true',
      'retry-after': '7',
    })
    expect(JSON.parse(body).map((item: { result: { data: number } }) => item.result.data)).toEqual([
      0, 1, 2,
    ])
  })

  it('say nothing where no part does', () => {
    expect(joined([answered(0, {}), answered(1, {})]).headers).toEqual({})
  })
})
