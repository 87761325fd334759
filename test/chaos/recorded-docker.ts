/**
 * A program of the tests in the place of docker: it writes down what it was asked, refuses what is
 * not well-formed, and answers from a book of containers that it keeps, in the form of Docker's own
 * answers. What an engine makes of the same words only an engine can show.
 */
import {
  composeRegions,
  linksImage,
  portOf,
  servicesOf,
  stripeService,
} from '../../chaos/compose/places.ts'
import { type Run, RunError } from '../../chaos/compose/run.ts'

type Container = {
  readonly service: string
  readonly id: string
  readonly addresses: Readonly<Record<string, string>>
  running: boolean
  paused: boolean
  ended: number
  /** Rules of iptables and queues of tc, by what each begins with. */
  readonly rules: Map<string, string>
  readonly queues: Map<string, string>
}

const neverEnded = '0001-01-01T00:00:00Z'
const redisKeys = 41

export class RecordedDocker {
  readonly calls: (readonly string[])[] = []
  readonly containers: readonly Container[]
  /** Whether a link of it is met, callers wait, and Redis refuses: what makes a fault felt. */
  isBusy = true
  #maxMemory = '0'
  #refused = 0

  constructor() {
    const regional = composeRegions.flatMap((region) =>
      servicesOf(region).map((service) => ({ service, region: region.name })),
    )
    const all = [...regional, { service: stripeService, region: null }]
    this.containers = all.map(({ service, region }, index) => ({
      service,
      id: `id-${service}`,
      addresses: {
        ...(service.startsWith('redis') ? {} : { wan: `172.20.0.${index + 2}` }),
        ...(region === null ? {} : { [region]: `172.21.${index}.2` }),
      },
      running: true,
      paused: false,
      ended: 0,
      rules: new Map(),
      queues: new Map(),
    }))
  }

  readonly run: Run = async (program, args) => {
    this.calls.push([program, ...args])
    if (program !== 'docker') throw new RunError(`no program ${program}`, true)
    const [verb = '', ...rest] = args
    switch (verb) {
      case 'compose':
        return this.#compose(rest)
      case 'inspect':
        return JSON.stringify(rest.map((id) => inspected(this.#of(id))))
      case 'kill':
        return this.#each(rest, (one) => one.running, killed)
      case 'start':
        return this.#each(rest, () => true, started)
      case 'pause':
        return this.#each(
          rest,
          (one) => one.running && !one.paused,
          (one) => {
            one.paused = true
          },
        )
      case 'unpause':
        return this.#each(
          rest,
          (one) => one.paused,
          (one) => {
            one.paused = false
          },
        )
      case 'exec':
        return this.#exec(rest)
      case 'run':
        return this.#beside(rest)
      default:
        return refuse(`unknown command: docker ${verb}`)
    }
  }

  /** Nobody is dead or asleep, and no rule stands. */
  get isWhole(): boolean {
    return (
      this.#maxMemory === '0' &&
      this.containers.every(
        (one) => one.running && !one.paused && one.rules.size === 0 && one.queues.size === 0,
      )
    )
  }

  of(service: string): Container {
    return this.#of(`id-${service}`)
  }

  #compose(words: readonly string[]): string {
    if (words.join(' ') !== '--project-name frontrow-multi-region ps --all --format json') {
      return refuse(`unknown: compose ${words.join(' ')}`)
    }
    return this.containers.map((one) => JSON.stringify(listed(one))).join('\n')
  }

  #exec([id = '', ...command]: readonly string[]): string {
    const one = this.#of(id)
    if (!one.running || one.paused) return refuse(`Container ${id} is not running`)
    if (command[0] === 'node' && one.service.startsWith('server-')) return ''
    const [shell, flag, script, ...words] = command
    const isCli = script === 'REDISCLI_AUTH="$REDIS_PASSWORD" exec redis-cli -e "$@"'
    if (shell !== 'sh' || flag !== '-c' || !isCli || !one.service.startsWith('redis-')) {
      return refuse(`not understood: ${command.join(' ')}`)
    }
    return `${this.#redis(words.slice(1).join(' '))}\n`
  }

  #redis(words: string): string {
    if (words === 'ping') return 'PONG'
    if (words === 'dbsize') return String(redisKeys)
    if (words === 'flushall') return 'OK'
    if (words === 'config get maxmemory') return `maxmemory\n${this.#maxMemory}`
    const bytes = /^config set maxmemory (\d+)$/.exec(words)?.[1]
    if (bytes !== undefined) {
      this.#maxMemory = bytes
      return 'OK'
    }
    if (words !== 'info errorstats') return refuse(`ERR unknown command ${words}`)
    if (this.#maxMemory !== '0' && this.isBusy) this.#refused += 3
    return `# Errorstats\r\nerrorstat_OOM:count=${this.#refused}\r\n`
  }

  #beside(words: readonly string[]): string {
    const network = words[2] ?? ''
    const rights = '--user 0 --cap-drop ALL --cap-add NET_ADMIN --cap-add NET_RAW'
    const frame = `--rm --network ${network} ${rights} ${linksImage} sh -e -c`
    if (words.slice(0, -1).join(' ') !== frame) return refuse(`not understood: ${words.join(' ')}`)
    const one = this.#of(network.replace('container:', ''))
    if (!one.running) return refuse('cannot join network of a non running container')
    const script = words.at(-1) ?? ''
    if (script === 'cat /proc/net/tcp /proc/net/tcp6') return this.#waiting(one)
    if (script.startsWith('iptables -w 5 -nvxL')) return this.#look(one)
    for (const line of script.split('\n')) obey(one, line)
    return ''
  }

  /** One that was sent something and has not read it. */
  #waiting({ service, paused }: Container): string {
    if (!paused || !this.isBusy) return ''
    const port = (portOf(service) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return `   0: 0100007F:${port} 0100007F:D431 01 00000000:0000002A 00:00000000\n`
  }

  #look({ rules, queues }: Container): string {
    const met = this.isBusy ? 7 : 0
    const lines = [...rules.values()].map((rule) => {
      const tag = /--comment (\S+)/.exec(rule)?.[1]
      return `     ${met}      420 DROP       tcp  --  *      *       0.0.0.0/0            172.20.0.5           tcp dpt:4000 /* ${tag} */`
    })
    const kept = [...queues.keys()].map(
      (band) =>
        `qdisc netem ${band.replace('1:', '1')}: parent ${band} limit 1000 delay 400ms\n Sent 980 bytes ${met} pkt (dropped 0, overlimits 0 requeues 0)`,
    )
    return ['Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)', ...lines, ...kept].join('\n')
  }

  #each(
    ids: readonly string[],
    isAllowed: (one: Container) => boolean,
    change: (one: Container) => void,
  ): string {
    if (ids.length === 0) return refuse('requires at least 1 argument')
    for (const id of ids) {
      const one = this.#of(id)
      if (!isAllowed(one)) return refuse(`container ${id} is not in the state for this`)
      change(one)
    }
    return ids.join('\n')
  }

  #of(id: string): Container {
    return (
      this.containers.find((one) => one.id === id) ?? refuse(`No such container: ${id || '(none)'}`)
    )
  }
}

function refuse(sentence: string): never {
  throw new RunError(sentence, false)
}

/** Its network goes with it. */
function killed(one: Container): void {
  one.running = false
  one.paused = false
  one.ended += 1
  one.rules.clear()
  one.queues.clear()
}

function started(one: Container): void {
  one.running = true
}

function listed({ service, id, running, paused }: Container) {
  const State = paused ? 'paused' : running ? 'running' : 'exited'
  return { ID: id, Service: service, State, Health: running ? 'healthy' : '', Image: 'some:1.0' }
}

function inspected({ id, running, paused, ended, addresses }: Container) {
  return {
    Id: id,
    State: {
      Running: running,
      Paused: paused,
      Restarting: false,
      FinishedAt: ended === 0 ? neverEnded : `2026-01-01T00:00:00.${ended}Z`,
      Health: { Status: running ? 'healthy' : 'unhealthy' },
    },
    NetworkSettings: {
      Networks: Object.fromEntries(
        Object.entries(addresses).map(([name, IPAddress]) => [name, { IPAddress }]),
      ),
    },
  }
}

const address = String.raw`172\.2[01]\.\d+\.\d+`
const tagged = '-m comment --comment (frontrow-drill_[a-z0-9-]+_[a-z0-9-]+)'
const flags = '(?:--tcp-flags RST NONE )?'
const end = '-j (?:DROP|REJECT --reject-with tcp-reset)'
const added = new RegExp(
  `^iptables -w 5 -A (?:OUTPUT -p tcp ${flags}-d ${address} --dport|INPUT -p tcp ${flags}-s ${address} --sport) (?:4000|26257) ${tagged} ${end}$`,
)
const queue =
  /^tc qdisc replace dev "\$dev" parent (1:[0-9a-f]) handle 1[0-9a-f]: netem (?:rate \d+bps|delay \d+ms) limit \d+$/
const filter = new RegExp(
  String.raw`^tc filter add dev "\$dev" parent 1: protocol ip prio \d+ u32 match ip protocol 6 0xff match ip dst ${address}/32 match ip [ds]port (?:4000|26257) 0xffff flowid 1:[0-9a-f]$`,
)
const forgotten = new RegExp(
  String.raw`^ss -K -H -t -n state established "\( sport = :(?:4000|26257) \)" dst ${address}$`,
)

/** One line of a script, of those that there are. */
function obey({ rules, queues }: Container, line: string): void {
  if (added.test(line)) rules.set(line, line)
  const cleared = /sed -n '\/(frontrow-drill_[^[]+)\[/.exec(line)?.[1]
  for (const rule of cleared === undefined ? [] : rules.keys()) {
    if (rule.includes(`${cleared} `)) rules.delete(rule)
  }
  const [, set] = queue.exec(line) ?? []
  if (set !== undefined) queues.set(set, line)
  const [, gone] = /^ {2}tc qdisc del dev "\$dev" parent (1:[0-9a-f]) /.exec(line) ?? []
  if (gone !== undefined) queues.delete(gone)
  const isKnown =
    added.test(line) ||
    queue.test(line) ||
    filter.test(line) ||
    forgotten.test(line) ||
    cleared !== undefined ||
    gone !== undefined ||
    frame.has(line) ||
    /^dev=\$\(ip -o route get 172\.2[01]\.\d+\.\d+ \| sed /.test(line) ||
    / {2}tc filter del dev "\$dev" parent 1: prio \d+ 2>\/dev\/null \|\| true$/.test(line)
  if (!isKnown) refuse(`not understood beside a container: ${line}`)
}

const frame = new Set([
  'rules=$(iptables -w 5 -S)',
  'for path in /sys/class/net/*; do',
  '  dev=${path##*/}',
  '  if tc qdisc show dev "$dev" | grep -q "qdisc prio 1: " &&',
  '    ! tc qdisc show dev "$dev" | grep -q netem; then tc qdisc del dev "$dev" root; fi',
  'done',
  'tc qdisc show dev "$dev" | grep -q "qdisc prio 1: " ||',
  `  tc qdisc add dev "$dev" root handle 1: prio bands 16 priomap ${'0 '.repeat(16).trim()}`,
])
