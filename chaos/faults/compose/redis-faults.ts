/** What befalls the Redis of a region while its server lives, said to it in its own container. */
import type { Containers } from '../../compose/containers.ts'
import type { Fault } from '../fault.ts'
import { keptFault } from '../kept-fault.ts'
import { grown } from '../look.ts'

/** One byte: below what any Redis uses. */
const hardlyAny = '1'
/** The password is in the container's environment, and so on no command line. */
const cli = 'REDISCLI_AUTH="$REDIS_PASSWORD" exec redis-cli -e "$@"'

export type RedisPlan = { readonly region: string; readonly service: string }

/** There is nothing to heal: the system fills it again by itself. Felt: keys that were lost. */
export function redisWiped(containers: Containers, { region, service }: RedisPlan): Fault {
  const ask = asker(containers, service)
  let felt = 0
  return keptFault({
    ...about('redis.wiped', region, 'loses all that it knows'),
    set: async () => {
      felt = Number(await ask('dbsize'))
      await ask('flushall')
    },
    clear: async () => undefined,
    isHealed: () =>
      ask('ping').then(
        (said) => said === 'PONG',
        () => false,
      ),
    felt: async () => felt,
  })
}

/** It takes no more writes, and answers reads. Felt: writes that it refused. */
export function redisFull(containers: Containers, { region, service }: RedisPlan): Fault {
  const ask = asker(containers, service)
  const refused = async () =>
    Number(/errorstat_OOM:count=(\d+)/.exec(await ask('info', 'errorstats'))?.[1] ?? 0)
  let before = 0
  let felt = 0
  return keptFault({
    ...about('redis.full', region, 'is full: it takes no more writes'),
    set: async () => {
      felt = 0
      before = await refused()
      await ask('config', 'set', 'maxmemory', hardlyAny)
    },
    clear: async () => {
      await ask('config', 'set', 'maxmemory', '0')
    },
    isHealed: () =>
      ask('config', 'get', 'maxmemory').then(
        (said) => said.split('\n')[1]?.trim() === '0',
        () => false,
      ),
    felt: async () => {
      felt = grown(before, await refused().catch(() => before + felt))
      return felt
    },
  })
}

function asker(containers: Containers, service: string) {
  return async (...words: readonly string[]): Promise<string> =>
    (await containers.exec(service, 'sh', '-c', cli, 'redis-cli', ...words)).trim()
}

function about(kind: Fault['kind'], region: string, what: string) {
  return { kind, where: `${region}/redis`, said: `Redis of ${region} ${what}` }
}
