import fastCheck from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base32UuidPattern, encodeUuid } from './base32.ts'

const bytes = fastCheck.uint8Array({ minLength: 16, maxLength: 16 })
const pattern = new RegExp(`^${base32UuidPattern}$`)

describe('sixteen bytes in base32', () => {
  it('are as TypeID`s specification has them', () => {
    const uuid = (text: string) => Buffer.from(text.replaceAll('-', ''), 'hex')
    const known = {
      '00000000-0000-0000-0000-000000000000': '00000000000000000000000000',
      '00000000-0000-0000-0000-00000000000a': '0000000000000000000000000a',
      '00000000-0000-0000-0000-000000000020': '00000000000000000000000010',
      'ffffffff-ffff-ffff-ffff-ffffffffffff': '7zzzzzzzzzzzzzzzzzzzzzzzzz',
      '0110c853-1d09-52d8-d73e-1194e95b5f19': '0123456789abcdefghjkmnpqrs',
      '01890a5d-ac96-774b-bcce-b302099a8057': '01h455vb4pex5vsknk084sn02q',
    }
    for (const [id, text] of Object.entries(known)) expect(encodeUuid(uuid(id))).toBe(text)
  })

  it('sort as the bytes do', () => {
    fastCheck.assert(
      fastCheck.property(bytes, bytes, (left, right) => {
        const byText = encodeUuid(left) < encodeUuid(right)
        expect(byText).toBe(Buffer.compare(left, right) < 0)
      }),
    )
  })

  it('fit the pattern of ids, which nothing else fits', () => {
    fastCheck.assert(fastCheck.property(bytes, (given) => pattern.test(encodeUuid(given))))
    for (const letter of 'ilou8A- ') {
      const text = `${letter === '8' ? '8' : '0'}${letter.repeat(25)}`
      expect(pattern.test(text)).toBe(false)
    }
  })
})
