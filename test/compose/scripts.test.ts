/**
 * The scripts of ops/compose/scripts with a program in the place of cockroach that only writes down
 * what it was asked: which arguments, in which order, and what was fed to it. What CockroachDB makes
 * of them only a CockroachDB can show.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../tidy/source.ts'
import { scratchFolder } from './load.ts'

const scripts = join(projectRoot, 'ops/compose/scripts')

/** Writes its arguments and its input down; `answer` is shell for the rest. */
async function ground(answer = 'exit 0') {
  const folder = await scratchFolder()
  const at = (name: string) => join(folder.path, name)
  for (const name of ['certificates', 'key', 'authority']) mkdirSync(at(name))
  const recorder = `#!/bin/sh
printf '%s\\n' "$*" >> "${at('calls')}"
[ "$1" = sql ] && cat >> "${at('fed')}"
${answer}
`
  writeFileSync(at('cockroach'), recorder, { mode: 0o755 })
  const env = {
    PATH: process.env['PATH'],
    COCKROACH: at('cockroach'),
    CERTIFICATES: at('certificates'),
    CERTIFICATE_KEY: at('key'),
    AUTHORITY: at('authority'),
    SQL: join(projectRoot, 'ops/compose/sql'),
    PAUSE_SECONDS: '0',
    NODE: 'cockroach-use1-1',
  }
  const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : '')
  return {
    run: (script: string, more: Readonly<Record<string, string>> = {}) =>
      promisify(execFile)('/bin/sh', [join(scripts, script)], { env: { ...env, ...more } }),
    calls: () => read('calls').split('\n').slice(0, -1),
    fed: () => read('fed'),
    at,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

describe('start-node.sh', () => {
  it('starts a secure node that says where it stands', async () => {
    await using node = await ground()
    await node.run('start-node.sh', {
      JOIN: 'a:26257,b:26257',
      REGION: 'us-east1',
      ZONE: 'us-east1-b',
    })
    const [call = '', ...others] = node.calls()
    expect(others).toEqual([])
    expect(call.split(' ')).toEqual([
      'start',
      `--certs-dir=${node.at('certificates')}`,
      '--store=path=/cockroach/cockroach-data',
      '--listen-addr=:26257',
      '--http-addr=:8080',
      '--advertise-addr=cockroach-use1-1:26257',
      '--join=a:26257,b:26257',
      '--locality=region=us-east1,zone=us-east1-b',
      '--max-offset=250ms',
      '--cache=256MiB',
      '--max-sql-memory=256MiB',
    ])
  })

  it('does not start without its place', async () => {
    await using node = await ground()
    await expect(node.run('start-node.sh', { JOIN: 'a:26257' })).rejects.toThrow('REGION')
    expect(node.calls()).toEqual([])
  })
})

describe('make-certificates.sh', () => {
  /** Makes the files that `cockroach cert` would make. */
  const makes = `case "$2" in
  create-ca) echo ca > "$CERTIFICATES/ca.crt" ;;
  create-node) echo node > "$CERTIFICATES/node.crt" ;;
  create-client) echo root > "$CERTIFICATES/client.root.crt" ;;
esac`

  it('makes each certificate once, for all hosts, and shows the authority alone', async () => {
    await using job = await ground(makes)
    await job.run('make-certificates.sh', { HOSTS: 'one two' })
    const kinds = () => job.calls().map((call) => call.split(' ')[1])
    expect(kinds()).toEqual(['create-ca', 'create-node', 'create-client'])
    expect(job.calls()[1]).toContain('create-node localhost 127.0.0.1 one two --certs-dir=')
    for (const call of job.calls()) expect(call).toContain(`--ca-key=${job.at('key')}/ca.key`)
    expect(readdirSync(job.at('authority'))).toEqual(['ca.crt'])
    expect(statSync(job.at('authority/ca.crt')).mode & 0o777).toBe(0o644)
    await job.run('make-certificates.sh', { HOSTS: 'one two' })
    expect(kinds()).toHaveLength(3)
  })

  it('finishes what a killed run began', async () => {
    await using job = await ground(makes)
    writeFileSync(job.at('certificates/ca.crt'), 'ca')
    await job.run('make-certificates.sh', { HOSTS: 'one' })
    expect(job.calls().map((call) => call.split(' ')[1])).toEqual(['create-node', 'create-client'])
  })
})

describe('init-cluster.sh', () => {
  it('asks again until a node listens', async () => {
    await using job = await ground('[ "$(wc -l < "$(dirname "$0")/calls")" -ge 3 ]')
    await job.run('init-cluster.sh')
    expect(job.calls()).toHaveLength(3)
    expect(job.calls()[0]).toBe(
      `init --certs-dir=${job.at('certificates')} --host=cockroach-use1-1:26257`,
    )
  })

  it('is done when the cluster was made before', async () => {
    await using job = await ground('echo "ERROR: cluster has already been initialized" >&2; exit 1')
    await expect(job.run('init-cluster.sh')).resolves.toMatchObject({
      stdout: 'The cluster was made before.\n',
    })
    expect(job.calls()).toHaveLength(1)
  })

  it('gives up, and says what the node said', async () => {
    await using job = await ground('echo "no route" >&2; exit 1')
    await expect(job.run('init-cluster.sh')).rejects.toThrow('no route')
    expect(job.calls()).toHaveLength(60)
  })
})

describe('init-database.sh', () => {
  const passwords = { OWNER_PASSWORD: 'owner-1', SERVER_PASSWORD: 'server_2' }

  it('feeds every file in order, with the passwords and never on a command line', async () => {
    await using job = await ground()
    const { stdout } = await job.run('init-database.sh', passwords)
    expect(stdout.match(/[\w-]+\.sql/g)).toEqual([
      '010-cluster.sql',
      '020-database.sql',
      '030-roles.sql',
      '010-global-tables.sql',
    ])
    expect(job.fed()).toContain("alter role frontrow_owner with password 'owner-1'")
    expect(job.fed()).toContain("alter role frontrow with password 'server_2'")
    expect(job.fed()).not.toMatch(/_PASSWORD/)
    expect(job.calls().join('\n')).not.toMatch(/owner-1|server_2/)
  })

  it('ends with the first file that is refused', async () => {
    await using job = await ground('[ "$(wc -l < "$(dirname "$0")/calls")" -ne 2 ]')
    await expect(job.run('init-database.sh', passwords)).rejects.toThrow()
    expect(job.calls()).toHaveLength(2)
  })

  it('goes on when only something optional is refused', async () => {
    await using job = await ground('[ "$(wc -l < "$(dirname "$0")/calls")" -ne 4 ]')
    const { stderr } = await job.run('init-database.sh', passwords)
    expect(stderr).toContain('010-global-tables.sql was not taken')
  })

  it.each(["it's", '', 'a b', 'a/b'])('takes no password like "%s"', async (password) => {
    await using job = await ground()
    const run = job.run('init-database.sh', { ...passwords, SERVER_PASSWORD: password })
    await expect(run).rejects.toThrow('letters, digits')
    expect(job.calls()).toEqual([])
  })
})
