/** Key-set files: private, replaced as a whole, one step at a time. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { calculateJwkThumbprint } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { published, retired, rotated, withNext } from './key-set.ts'
import { changeKeySet, createKeySet, readKeySet } from './key-set-file.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'frontrow-keys-'))
  file = join(folder, 'keys.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const kids = () => readKeySet(file).keys.map(({ kid }) => kid)

describe('a key-set file', () => {
  it('is its owner alone to read, before and after each step', () => {
    createKeySet(file)
    const modes = [statSync(file).mode & 0o777]
    for (const step of [withNext, rotated, retired]) {
      changeKeySet(file, step)
      modes.push(statSync(file).mode & 0o777)
    }
    expect(modes).toEqual([0o600, 0o600, 0o600, 0o600])
    expect(readdirSync(folder)).toEqual(['keys.json'])
  })

  it('goes through a rotation: published, signing, alone', () => {
    const [old] = createKeySet(file).keys.map(({ kid }) => kid)
    changeKeySet(file, withNext)
    const [, next] = kids()
    expect(kids()).toEqual([old, next])
    changeKeySet(file, rotated)
    expect(kids()).toEqual([next, old])
    changeKeySet(file, retired)
    expect(kids()).toEqual([next])
  })

  it('refuses steps out of order, and changes nothing then', () => {
    createKeySet(file)
    const before = readFileSync(file, 'utf8')
    expect(() => createKeySet(file)).toThrow(/exists/)
    expect(() => changeKeySet(file, rotated)).toThrow(/no next key/)
    expect(() => changeKeySet(file, retired)).toThrow(/only one key/)
    expect(readFileSync(file, 'utf8')).toBe(before)
    changeKeySet(file, withNext)
    expect(() => changeKeySet(file, withNext)).toThrow(/two keys already/)
    expect(readdirSync(folder)).toEqual(['keys.json'])
  })

  it('refuses a second change while one is under way', () => {
    createKeySet(file)
    writeFileSync(`${file}.next`, '')
    expect(() => changeKeySet(file, withNext)).toThrow(/another change is under way/)
    expect(existsSync(`${file}.next`)).toBe(true)
    expect(kids()).toHaveLength(1)
  })

  it.each(['', '{}', '{"keys":[]}', '{"keys":[{"kty":"RSA"}]}', 'secret-of-somebody'])(
    'refuses %s without repeating it',
    (content) => {
      writeFileSync(file, content)
      expect(() => changeKeySet(file, withNext)).toThrow(
        'The file is not a set of private Ed25519 keys.',
      )
      expect(readFileSync(file, 'utf8')).toBe(content)
    },
  )

  it('names its keys by their thumbprints, and shows no private part', async () => {
    const set = createKeySet(file)
    const [shown] = published(set).keys
    const thumbprint = await calculateJwkThumbprint({ ...shown })
    expect(thumbprint.startsWith(shown?.kid ?? '-')).toBe(true)
    expect(JSON.stringify(shown)).not.toContain(set.keys[0]?.d ?? '-')
  })
})
