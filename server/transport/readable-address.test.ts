/** What can be read stays as it is; what cannot leads nowhere. */
import { expect, it } from 'vitest'
import { readableAddress } from './readable-address.ts'

it.each(['/livez', '/trpc/a,b?batch=1&input=%7B%7D', '/trpc/%2c', '/a?x=%zz', '/'])(
  '%s stays',
  (url) => {
    expect(readableAddress(url)).toBe(url)
  },
)

it('an absolute address is read as its path', () => {
  expect(readableAddress('http://frontrow.test/livez?a=1')).toBe('/livez?a=1')
})

it.each(['/%', '/%zz', '/trpc/%ff%fe', 'http://[/livez', 'ftp://a/livez', 'livez', '*', ''])(
  '"%s" leads nowhere',
  (url) => {
    expect(readableAddress(url)).toBe('/an-address-that-cannot-be-read')
  },
)
