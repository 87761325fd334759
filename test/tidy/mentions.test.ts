import { describe, expect, it } from 'vitest'
import { checkMentionedFiles, checkPages } from './mentions.ts'
import { report } from './source.ts'

const there = new Set(['docs/errors.md', 'server/domain/access.ts', 'test/access'])
const missing = (path: string, text: string) =>
  checkMentionedFiles(path, text, (one) => there.has(one)).map(({ message }) => message)

describe('what pages point to', () => {
  it('is there', async () => {
    expect(report(await checkPages())).toBe('')
  })

  it('is seen in links, from where the page stands', () => {
    expect(missing('docs/security.md', 'see [errors](errors.md#limits) and [x](gone.md)')).toEqual([
      'points to docs/gone.md, which is missing',
    ])
    expect(missing('client/README.md', '[errors](../docs/errors.md)')).toEqual([])
  })

  it('is seen where a file or a folder is named', () => {
    const text = '`server/domain/access.ts`, `test/access`, `server/moved.ts`, `server/*.ts`'
    expect(missing('README.md', text)).toEqual(['points to server/moved.ts, which is missing'])
  })

  it('leaves the web and the same page alone', () => {
    expect(missing('README.md', '[a](https://example.com/x.md) [b](#part) `npm/x`')).toEqual([])
  })
})
