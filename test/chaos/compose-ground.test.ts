/**
 * How the Compose target begins: with a program called docker on the PATH that writes down what it
 * was asked, and answers what the test has put there. A drill that cannot be played is refused with
 * one sentence, before anything was harmed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findContainers, readListed } from '../../chaos/compose/containers.ts'
import { openLivingSql } from '../../chaos/compose/living-sql.ts'
import { composeRegions } from '../../chaos/compose/places.ts'
import { runProgram } from '../../chaos/compose/run.ts'
import { composeFaults } from '../../chaos/faults/compose-faults.ts'
import { NotHereError } from '../../chaos/faults/fault-maker.ts'
import { openComposeGround } from '../../chaos/ground/compose.ts'
import { openGround } from '../../chaos/ground/open-ground.ts'
import { scratchFolder } from '../compose/load.ts'
import { createTestDatabase } from '../support/database.ts'
import { RecordedDocker } from './recorded-docker.ts'

const path = process.env['PATH']
let folder: Awaited<ReturnType<typeof scratchFolder>>
beforeEach(async () => {
  folder = await scratchFolder()
})
afterEach(async () => {
  process.env['PATH'] = path
  await folder[Symbol.asyncDispose]()
})

/** @param answer shell, with the words of the call as its own */
function dockerThat(answer: string) {
  const bin = join(folder.path, 'bin')
  mkdirSync(bin)
  const calls = join(folder.path, 'calls')
  const text = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${calls}'\n${answer}\n`
  writeFileSync(join(bin, 'docker'), text, { mode: 0o755 })
  process.env['PATH'] = `${bin}${delimiter}${path}`
  return () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [])
}

const open = () =>
  openComposeGround({ seed: 1, log: () => undefined, folder: folder.path, run: runProgram })

/** What `docker compose ps` says of a whole project, changed where told. */
async function listing(change: (line: string) => string = (line) => line): Promise<string> {
  const asked = 'compose --project-name frontrow-multi-region ps --all --format json'
  const text = await new RecordedDocker().run('docker', asked.split(' '))
  return text.split('\n').map(change).filter(Boolean).join('\n')
}

describe('a drill on Compose is refused', () => {
  it('without the program', async () => {
    process.env['PATH'] = folder.path
    await expect(open()).rejects.toThrow(NotHereError)
    await expect(open()).rejects.toThrow('here is no program docker')
  })

  it('without an engine, with what the program says', async () => {
    const calls = dockerThat('echo "Cannot connect to the Docker daemon" >&2; exit 1')
    await expect(open()).rejects.toThrow('Cannot connect to the Docker daemon')
    expect(calls()).toEqual(['compose --project-name frontrow-multi-region ps --all --format json'])
  })

  it('when a part is away, asleep or not well, by its name', async () => {
    const text = await listing((line) => {
      if (line.includes('"redis-euw1"')) return ''
      if (line.includes('"server-use1"')) return line.replace('healthy', 'unhealthy')
      return line.includes('"cockroach-ase1-2"') ? line.replace('running', 'paused') : line
    })
    dockerThat(`cat <<'END'\n${text}\nEND`)
    await expect(open()).rejects.toThrow(
      'and server-use1, redis-euw1, cockroach-ase1-2 are not up and well: docker compose --file docker-compose.multi-region.yml --file docker-compose.drills.yml',
    )
  })

  it('without the image for links, and says how it is made', async () => {
    const recorded = new RecordedDocker()
    const states = await recorded.run('docker', [
      'inspect',
      ...['server', 'balancer'].flatMap((part) =>
        composeRegions.map(({ code }) => `id-${part}-${code}`),
      ),
    ])
    const calls = dockerThat(`case "$1" in
  compose) cat <<'END'
${await listing()}
END
  ;;
  inspect) cat <<'END'
${states}
END
  ;;
  *) echo 'Unable to find image' >&2; exit 125 ;;
esac`)
    await expect(open()).rejects.toThrow('--profile drills build links): docker run --rm …: Unable')
    expect(calls().filter((call) => call.startsWith('run '))[0]).toContain(
      'run --rm --network container:id-',
    )
  })

  it('without the password, and with another number of regions', async () => {
    const { run } = new RecordedDocker()
    const opened = openComposeGround({ seed: 1, log: () => undefined, folder: folder.path, run })
    await expect(opened).rejects.toThrow('npm run keys:multi-region')
    const wish = {
      database: 'cockroach',
      latency: true,
      environment: {},
      seed: 1,
      log: () => undefined,
    } as const
    const { signal } = new AbortController()
    const two = openGround({ ...wish, target: 'compose', regions: 2, signal })
    await expect(two).rejects.toThrow('On Compose there are 3 regions.')
  })
})

it('reads lists of all versions of Compose', async () => {
  const lines = await listing()
  const array = `[${lines.split('\n').join(',')}]`
  expect(readListed(lines)).toHaveLength(19)
  expect(readListed(array)).toEqual(readListed(lines))
  expect(readListed('')).toEqual([])
})

describe('faults of Compose', () => {
  const [us] = composeRegions.map(({ name }) => name) as [string]

  it('are refused when they are made, where Docker cannot do them', async () => {
    const docker = new RecordedDocker()
    const faults = composeFaults(await findContainers(docker.run), 'http://localhost:1')
    const asked = docker.calls.length
    const strike = { kind: 'cut-before' } as const
    for (const make of [
      () => faults.databaseStruck({ strike, share: 1 }),
      () => faults.clockShifted(us, 'frozen'),
      () => faults.logFull(us),
      () => faults.serverOldVersion(us, 'old'),
      () => faults.redisOldData(us),
      () => faults.serverKilled('mars'),
      () => faults.link(['us-east1/mars'], { kind: 'cut' }),
    ]) {
      expect(make).toThrow(NotHereError)
    }
    expect(docker.calls).toHaveLength(asked)
  })

  it('are not felt where nobody was there', async () => {
    const docker = new RecordedDocker()
    docker.isBusy = false
    const faults = composeFaults(await findContainers(docker.run), 'http://localhost:1')
    for (const fault of [
      faults.link(['*/database'], { kind: 'black-hole' }),
      faults.link([`${us}/*`], { kind: 'late', byMs: 5 }),
      faults.serverPaused(us),
      faults.redisFull(us),
    ]) {
      await fault.inject()
      expect(await fault.isHealed(), fault.said).toBe(false)
      expect(await fault.felt(), fault.said).toBe(0)
      await fault.heal()
      expect(await fault.isHealed(), fault.said).toBe(true)
    }
    expect(docker.isWhole).toBe(true)
  })

  it('kill the containers that are meant, and a keeper starts them again at once', async () => {
    const docker = new RecordedDocker()
    const faults = composeFaults(await findContainers(docker.run), 'http://localhost:1')
    const running = (part: RegExp) =>
      docker.containers.filter(({ service }) => part.test(service)).map((one) => one.running)
    const lost = faults.regionLost(us)
    await lost.inject()
    expect(running(/use1/)).toEqual([false, false, false, false, false, false])
    expect(running(/euw1|ase1|stripe/)).not.toContain(false)
    expect([await lost.felt(), await lost.isHealed()]).toEqual([6, false])
    await lost.heal()
    expect([await lost.felt(), await lost.isHealed()]).toEqual([6, true])
    const server = faults.serverKilled(us)
    await server.inject()
    expect(docker.of('server-use1')).toMatchObject({ running: true, ended: 2 })
    const database = faults.databaseKilled()
    await database.inject()
    expect([await server.felt(), await database.felt()]).toEqual([1, 6])
  })

  it('sets rules again for a link whose ends are elsewhere now, and none at the dead', async () => {
    const docker = new RecordedDocker()
    const faults = composeFaults(await findContainers(docker.run), 'http://localhost:1')
    const link = faults.link([`${us}/database`], { kind: 'cut' })
    await link.inject()
    // On both networks that the two share, there and back.
    expect(docker.of('server-use1').rules.size).toBe(4)
    await link.inject()
    expect(docker.of('server-use1').rules.size).toBe(4)
    const lost = faults.regionLost(us)
    await lost.inject()
    expect(await link.isHealed()).toBe(true)
    await link.heal()
    const again = faults.link([`${us}/database`], { kind: 'black-hole' })
    await again.inject()
    expect(docker.of('server-use1').rules.size).toBe(0)
    await again.heal()
    await lost.heal()
    expect(docker.isWhole).toBe(true)
  })
})

describe('SQL of a cluster of which parts are lost', () => {
  const dead = { host: '127.0.0.1', port: 1 }

  it('goes by the way that answers', async () => {
    await using alive = await createTestDatabase()
    const database = openLivingSql([dead, { connectionString: alive.url }])
    const asked = "select 1 as one, current_setting('application_name') as name"
    const found = [{ one: 1, name: 'drill' }]
    expect(await database.sql(asked)).toEqual(found)
    expect(await database.snapshot((sql) => sql(asked))).toEqual(found)
    await expect(database.sql('select wrong')).rejects.toThrow('wrong')
    await database.end()
  })

  it('says so when none does', async () => {
    const database = openLivingSql([dead])
    await expect(database.sql('select 1')).rejects.toThrow('answers through no region')
    await database.end()
  })
})
