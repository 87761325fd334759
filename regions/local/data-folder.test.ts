import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folderIn, openDataFolder } from './data-folder.ts'

const quiet = { fresh: false, log: () => undefined }
const fresh = { ...quiet, fresh: true }
let parent = ''

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'frontrow-data-folder-'))
})
afterEach(() => {
  rmSync(parent, { recursive: true })
})

describe('the data folder', () => {
  it('is made, marked, and opened again with what is in it', async () => {
    const first = await openDataFolder(join(parent, 'deep', 'data'), quiet)
    folderIn(first, 'postgres')
    first.release()
    const second = await openDataFolder(first.path, quiet)
    expect(readdirSync(second.path).toSorted()).toEqual([
      'frontrow-data-folder',
      'postgres',
      'running.json',
    ])
  })

  it('is emptied on demand', async () => {
    const first = await openDataFolder(join(parent, 'data'), quiet)
    writeFileSync(join(folderIn(first, 'server'), 'server.log'), 'words')
    first.release()
    const second = await openDataFolder(first.path, fresh)
    expect(readdirSync(second.path)).not.toContain('server')
  })

  it.each([quiet, fresh])('is none when it holds something else: %o', async (options) => {
    writeFileSync(join(parent, 'thesis.txt'), 'years of work')
    await expect(openDataFolder(parent, options)).rejects.toThrow(/left alone/)
    expect(readdirSync(parent)).toEqual(['thesis.txt'])
  })

  it('is none when the mark is not ours', async () => {
    writeFileSync(join(parent, 'frontrow-data-folder'), 'seats')
    await expect(openDataFolder(parent, fresh)).rejects.toThrow(/left alone/)
  })

  it('is none when it is a file', async () => {
    const file = join(parent, 'file')
    writeFileSync(file, '')
    await expect(openDataFolder(file, quiet)).rejects.toThrow(/is a file/)
  })

  it('belongs to one, also while another wants it fresh', async () => {
    const { path, release } = await openDataFolder(join(parent, 'data'), quiet)
    await expect(openDataFolder(path, fresh)).rejects.toThrow(/in use by process/)
    release()
    const next = await openDataFolder(path, quiet)
    release()
    await expect(openDataFolder(path, quiet)).rejects.toThrow(/in use by process/)
    next.release()
  })
})
